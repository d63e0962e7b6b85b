//! The session settings that commands share: format, name, binding, limits, keys.

use std::{fmt, time::Duration};

use secure_session::{
    __cli::SessionType,
    Key, KeyRing, Salt, SecureSession,
    codec::{Codec, Fastify, Native},
    policy::Signing,
    test_util::TestClock,
};
use zeroize::Zeroizing;

use crate::{
    arguments::Arguments,
    failure::Failure,
    streams,
    time::{self, Limit},
};

/// The default environment variable for keys.
const KEYS_VARIABLE: &str = "SESSION_KEYS";

/// The help for the options of the session.
pub(crate) const HELP: &str = "\
Session:
  --format F            native or fastify, the format of @fastify/secure-session
  --name NAME           the cookie's name; in the native format part of the key
  --application A       the application's name, if the builder sets one (native)
  --purpose P           the purpose, if the session has one (native)
  --signed              cookies are also signed (fastify)
  --now SECONDS[.mmm]   the time to use as now, in seconds since 1970
";

/// The help for the options of keys.
pub(crate) const HELP_ON_KEYS: &str = "
Keys, of which the first encrypts and all decrypt. Default: the variable SESSION_KEYS.
  --key-env NAME        read them from another variable
  --key-file FILE       read them from a file
  --passphrase-file F   derive the key from a passphrase; needs one of
    --salt-base64 S, --salt-text S, --fastify-default-salt
";

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Format {
    Fastify,
    Native,
}

impl fmt::Display for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Fastify => "fastify",
            Self::Native => "native",
        })
    }
}

/// For checking a name.
#[derive(SecureSession)]
#[session(cookie = "session")]
struct NamedSession {}

/// The options that were given.
#[derive(Debug, Clone, Default)]
pub(crate) struct Settings {
    pub(crate) format: Option<Format>,
    pub(crate) name: Option<String>,
    pub(crate) application: Option<String>,
    pub(crate) purpose: Option<String>,
    pub(crate) idle: Option<Limit>,
    pub(crate) absolute: Option<Duration>,
    pub(crate) signed: bool,
    pub(crate) without_time: bool,
    now: Option<u64>,
    keys: KeyOptions,
}

impl Settings {
    /// Consumes an option if it is one of these.
    pub(crate) fn take(
        &mut self,
        option: &str,
        arguments: &mut Arguments,
    ) -> Result<bool, Failure> {
        match option {
            "--format" => {
                self.format = Some(match arguments.value(option)?.as_str() {
                    "fastify" => Format::Fastify,
                    "native" => Format::Native,
                    _ => return Err(arguments.usage("`--format` must be `native` or `fastify`")),
                });
            }
            "--signed" => self.signed = true,
            _ => {
                return Ok(
                    self.take_names(option, arguments)? || self.keys.take(option, arguments)?
                );
            }
        }
        Ok(true)
    }

    /// Consumes an option if it is a name that is part of keys, or the time.
    pub(crate) fn take_names(
        &mut self,
        option: &str,
        arguments: &mut Arguments,
    ) -> Result<bool, Failure> {
        match option {
            "--name" => self.name = Some(arguments.value(option)?),
            "--application" => self.application = Some(arguments.value(option)?),
            "--purpose" => self.purpose = Some(arguments.value(option)?),
            "--now" => {
                let now = time::unix_millis(&arguments.value(option)?);
                let message = "`--now` must be a time in seconds since 1970, such as 1700000000.5";
                self.now = Some(now.ok_or_else(|| arguments.usage(message))?);
            }
            _ => return Ok(false),
        }
        Ok(true)
    }

    /// Consumes an option if it is about keys.
    pub(crate) fn take_keys(
        &mut self,
        option: &str,
        arguments: &mut Arguments,
    ) -> Result<bool, Failure> {
        self.keys.take(option, arguments)
    }

    /// Returns an option that was given and is only used to open a native cookie.
    pub(crate) fn option_for_opening(&self) -> Option<&'static str> {
        let absolute = self.absolute.map(|_| "`--absolute`");
        absolute.or_else(|| self.keys.given())
    }

    /// Consumes an option if it is about a session's lifetime.
    pub(crate) fn take_limit(
        &mut self,
        option: &str,
        arguments: &mut Arguments,
    ) -> Result<bool, Failure> {
        match option {
            "--idle" => self.idle = Some(limit(option, arguments)?),
            "--without-time" => self.without_time = true,
            _ => return self.take_absolute(option, arguments),
        }
        Ok(true)
    }

    /// Consumes the option `--absolute`.
    pub(crate) fn take_absolute(
        &mut self,
        option: &str,
        arguments: &mut Arguments,
    ) -> Result<bool, Failure> {
        let is_taken = option == "--absolute";
        if is_taken {
            let Limit::After(absolute) = limit(option, arguments)? else {
                let message = "`--absolute` must be a duration, as every session expires";
                return Err(arguments.usage(message));
            };
            self.absolute = Some(absolute);
        }
        Ok(is_taken)
    }

    /// Rejects options that do not exist in the chosen format.
    pub(crate) fn check(&self, arguments: &Arguments) -> Result<(), Failure> {
        let refused: &[(bool, &str)] = match self.format {
            None => &[],
            Some(Format::Fastify) => &[
                (self.application.is_some(), "--application"),
                (self.purpose.is_some(), "--purpose"),
                (self.absolute.is_some(), "--absolute"),
                (self.idle == Some(Limit::None), "--idle none"),
            ],
            Some(Format::Native) => &[
                (self.signed, "--signed"),
                (self.without_time, "--without-time"),
            ],
        };
        match (self.format, refused.iter().find(|(given, _)| *given)) {
            (Some(format), Some((_, option))) => {
                let message =
                    format!("`{option}` does not exist in the {format} format; remove it");
                Err(arguments.usage(message))
            }
            _ => self.keys.check(arguments),
        }
    }

    pub(crate) fn keys(&self, arguments: &Arguments) -> Result<Keys, Failure> {
        self.keys.read(arguments)
    }

    /// The cookie's name, without which no native session is known.
    pub(crate) fn required_name(&self, arguments: &Arguments) -> Result<&str, Failure> {
        let name = self.name.as_deref();
        name.ok_or_else(|| arguments.usage("`--name` is required; set it to the cookie's name"))
    }

    /// The names in the keys of a session type, for a cookie name that a session can have.
    pub(crate) fn session_type(&self, name: &str) -> Result<SessionType, Failure> {
        // Any key will do.
        let keys = Keys {
            ring: Key::generate()?.into(),
            passphrase: None,
        };
        let names = Self {
            application: self.application.clone(),
            purpose: self.purpose.clone(),
            ..Self::default()
        };
        names.native::<NamedSession>(name, &keys, &TestClock::at_millis(0))?;
        Ok(self.type_of(name))
    }

    /// The names in the keys of the session type of a cookie.
    pub(crate) fn type_of(&self, name: &str) -> SessionType {
        let [application, purpose] =
            [&self.application, &self.purpose].map(|name| name.as_deref().unwrap_or_default());
        SessionType::new(application, name, purpose)
    }

    /// The same settings for cookies without signatures.
    pub(crate) fn unsigned(&self) -> Self {
        Self {
            signed: false,
            ..self.clone()
        }
    }

    /// The same settings for native sessions that may be idle: another copy of such a session may be
    /// in use.
    pub(crate) fn without_idle_limit(&self) -> Self {
        Self {
            format: Some(Format::Native),
            idle: Some(Limit::None),
            ..self.clone()
        }
    }

    /// The time to use as now, in milliseconds.
    pub(crate) fn now_millis(&self) -> u64 {
        self.now.unwrap_or_else(time::now_millis)
    }

    pub(crate) fn native<T: SecureSession<Format = Native>>(
        &self,
        name: &str,
        keys: &Keys,
        clock: &TestClock,
    ) -> Result<Codec<T>, Failure> {
        let codec = Codec::builder(keys.ring.clone())
            .application(self.application.as_deref().unwrap_or_default())
            .policy(|mut policy| {
                policy = policy
                    .cookie(name)
                    .purpose(self.purpose.as_deref().unwrap_or_default());
                policy = match self.idle {
                    None => policy,
                    Some(Limit::After(idle)) => policy.idle(idle),
                    Some(Limit::None) => policy.idle(None),
                };
                match self.absolute {
                    Some(absolute) => policy.absolute(absolute),
                    None => policy,
                }
            })
            .clock(clock)
            // Old cookies may have been encrypted with trivial keys.
            .trivial_keys()
            .build()?;
        Ok(codec)
    }

    pub(crate) fn fastify<T: SecureSession<Format = Fastify>>(
        &self,
        name: &str,
        keys: &Keys,
        clock: &TestClock,
    ) -> Result<Codec<T>, Failure> {
        let codec = Codec::builder(keys.ring.clone())
            .policy(|mut policy| {
                policy = policy.cookie(name);
                if let Some(Limit::After(idle)) = self.idle {
                    policy = policy.idle(idle);
                }
                if self.without_time {
                    policy = policy.accept_sessions_without_time();
                }
                match (self.signed, &keys.passphrase) {
                    (false, _) => policy,
                    (true, None) => policy.signed(Signing::with_session_key()),
                    // @fastify/secure-session signs with the secret it is configured with.
                    (true, Some(passphrase)) => policy.signed(Signing::with_secret(passphrase)),
                }
            })
            .clock(clock)
            .trivial_keys()
            .build()?;
        Ok(codec)
    }
}

fn limit(option: &str, arguments: &mut Arguments) -> Result<Limit, Failure> {
    let limit = time::limit(&arguments.value(option)?);
    limit.ok_or_else(|| {
        arguments.usage(format!(
            "`{option}` must be an integer and one of `s`, `m`, `h`, `d`, `w`, such as `30m`, or \
             `none`"
        ))
    })
}

/// The keys, and the passphrase if there is one.
pub(crate) struct Keys {
    pub(crate) ring: KeyRing,
    passphrase: Option<Zeroizing<Vec<u8>>>,
}

/// Where keys come from.
#[derive(Debug, Clone, Default)]
struct KeyOptions {
    variable: Option<String>,
    file: Option<String>,
    passphrase_file: Option<String>,
    salt: SaltOption,
}

impl KeyOptions {
    fn take(&mut self, option: &str, arguments: &mut Arguments) -> Result<bool, Failure> {
        match option {
            "--key-env" => self.variable = Some(arguments.value(option)?),
            "--key-file" => self.file = Some(arguments.value(option)?),
            "--passphrase-file" => self.passphrase_file = Some(arguments.value(option)?),
            _ => return self.salt.take(option, arguments),
        }
        Ok(true)
    }

    /// Returns one of the options that were given.
    fn given(&self) -> Option<&'static str> {
        let options = [
            (self.variable.is_some(), "`--key-env`"),
            (self.file.is_some(), "`--key-file`"),
            (self.passphrase_file.is_some(), "`--passphrase-file`"),
            (self.salt.0.is_some(), "a salt"),
        ];
        let given = options.into_iter().find(|(is_given, _)| *is_given);
        given.map(|(_, option)| option)
    }

    fn check(&self, arguments: &Arguments) -> Result<(), Failure> {
        let sources = [&self.variable, &self.file, &self.passphrase_file];
        if sources.into_iter().flatten().count() > 1 {
            return Err(arguments
                .usage("`--key-env`, `--key-file` and `--passphrase-file` cannot be combined"));
        }
        if self.passphrase_file.is_some() {
            return self.salt.required(arguments).map(|_| ());
        }
        if self.salt.0.is_some() {
            return Err(arguments.usage("a salt needs `--passphrase-file`"));
        }
        Ok(())
    }

    fn read(&self, arguments: &Arguments) -> Result<Keys, Failure> {
        let Some(file) = &self.passphrase_file else {
            let ring = match &self.file {
                Some(file) => KeyRing::from_file(file)?,
                None => KeyRing::from_env(self.variable.as_deref().unwrap_or(KEYS_VARIABLE))?,
            };
            return Ok(Keys {
                ring,
                passphrase: None,
            });
        };
        let what = format!("passphrase file `{}`", file.escape_debug());
        let bytes = streams::read_file(file, &what, "a passphrase")?;
        let passphrase = checked_passphrase(&what, &bytes)?;
        let key = Key::from_passphrase(passphrase, &self.salt.required(arguments)?)?;
        Ok(Keys {
            ring: key.into(),
            passphrase: Some(Zeroizing::new(passphrase.to_vec())),
        })
    }
}

/// Returns the passphrase without its line ending, if it is text and not empty.
pub(crate) fn checked_passphrase<'a>(what: &str, bytes: &'a [u8]) -> Result<&'a [u8], Failure> {
    streams::refuse_other_encodings(what, bytes)?;
    let passphrase = streams::without_line_end(bytes);
    if passphrase.is_empty() {
        return Err(Failure::trouble(format!("{what} is empty")));
    }
    Ok(passphrase)
}

/// The salt of a passphrase.
#[derive(Debug, Clone, Default)]
pub(crate) struct SaltOption(Option<Salt>);

impl SaltOption {
    /// Consumes an option if it is one of these.
    pub(crate) fn take(
        &mut self,
        option: &str,
        arguments: &mut Arguments,
    ) -> Result<bool, Failure> {
        let salt = match option {
            "--salt-base64" => Salt::from_base64(&arguments.value(option)?),
            "--salt-text" => Salt::from_text(&arguments.value(option)?),
            "--fastify-default-salt" => Ok(Salt::fastify_default()),
            _ => return Ok(false),
        };
        let salt = salt.map_err(|err| arguments.usage(format!("`{option}`: {err}")))?;
        if self.0.replace(salt).is_some() {
            return Err(arguments.usage("only one salt is allowed; remove the others"));
        }
        Ok(true)
    }

    pub(crate) fn required(&self, arguments: &Arguments) -> Result<Salt, Failure> {
        self.0.ok_or_else(|| {
            arguments.usage(
                "a passphrase needs a salt: `--salt-base64`, `--salt-text` or \
                 `--fastify-default-salt`",
            )
        })
    }
}
