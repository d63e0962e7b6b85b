//! Settings from the environment, checked at start-up.

use std::{
    env::{self, VarError},
    error::Error,
    path::PathBuf,
};

use secure_session::{Key, KeyError, KeyProblem, KeyRing, RevocationStoreError, Revocations};

const DEFAULT_PORT: u16 = 8080;

/// The settings of the demo.
pub(crate) struct Settings {
    pub(crate) keys: KeyRing,
    pub(crate) port: u16,
    pub(crate) plain_http: bool,
    pub(crate) revocations: RevocationSettings,
}

/// Where the list of revoked sessions is kept.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) enum RevocationSettings {
    /// In this process.
    Memory,
    /// In a file, which several processes share.
    Sqlite(PathBuf),
}

impl RevocationSettings {
    /// Makes the revocations of the process.
    pub(crate) fn open(&self) -> Result<Revocations, RevocationStoreError> {
        match self {
            Self::Memory => Ok(Revocations::in_memory()),
            Self::Sqlite(path) => Revocations::sqlite(path),
        }
    }
}

impl Settings {
    /// Reads `SESSION_KEYS`, `PORT`, `PLAIN_HTTP` and `REVOCATIONS`.
    ///
    /// # Errors
    ///
    /// Returns a sentence that names the invalid variable. An unset variable is not an error.
    pub(crate) fn from_env() -> Result<Self, Box<dyn Error>> {
        Ok(Self {
            port: port(variable("PORT")?.as_deref())?,
            plain_http: plain_http(variable("PLAIN_HTTP")?.as_deref())?,
            revocations: revocations(variable("REVOCATIONS")?.as_deref())?,
            keys: keys("SESSION_KEYS")?,
        })
    }
}

/// A demo may start without keys. An application should not, because each restart would log
/// everyone out.
fn keys(name: &str) -> Result<KeyRing, KeyError> {
    match KeyRing::from_env(name) {
        Err(err) if matches!(err.problem(), KeyProblem::Unset) => {
            Key::ephemeral().map(KeyRing::new)
        }
        ring => ring,
    }
}

fn port(text: Option<&str>) -> Result<u16, String> {
    text.map_or(Ok(DEFAULT_PORT), |text| {
        text.parse().map_err(|_| {
            format!("environment variable `PORT` is {text:?}; set a number from 0 to 65535")
        })
    })
}

fn plain_http(text: Option<&str>) -> Result<bool, String> {
    match text {
        None | Some("" | "0") => Ok(false),
        Some("1") => Ok(true),
        Some(other) => Err(format!(
            "environment variable `PLAIN_HTTP` is {other:?}; set it to `1` or unset it"
        )),
    }
}

fn revocations(text: Option<&str>) -> Result<RevocationSettings, String> {
    let path = text.and_then(|text| text.strip_prefix("sqlite:"));
    match (text, path) {
        (None | Some("memory"), _) => Ok(RevocationSettings::Memory),
        (_, Some(path)) if !path.is_empty() => Ok(RevocationSettings::Sqlite(path.into())),
        (Some(other), _) => Err(format!(
            "environment variable `REVOCATIONS` is {other:?}; set it to `memory` or `sqlite:PATH`, or \
             unset it"
        )),
    }
}

fn variable(name: &str) -> Result<Option<String>, String> {
    match env::var(name) {
        Ok(text) => Ok(Some(text)),
        Err(VarError::NotPresent) => Ok(None),
        Err(VarError::NotUnicode(_)) => {
            Err(format!("environment variable `{name}` is not UTF-8 text"))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn port_is_8080_unless_set() {
        assert_eq!(port(None), Ok(8080));
        assert_eq!(port(Some("0")), Ok(0));
        for bad in ["", "http", "65536", "-1", "80 "] {
            assert!(port(Some(bad)).unwrap_err().contains("`PORT`"), "{bad:?}");
        }
    }

    #[test]
    fn plain_http_accepts_only_1() {
        assert_eq!(plain_http(None), Ok(false));
        assert_eq!(plain_http(Some("1")), Ok(true));
        assert!(
            plain_http(Some("yes"))
                .unwrap_err()
                .contains("`PLAIN_HTTP`")
        );
    }

    #[test]
    fn revocations_are_in_memory_or_in_a_file() {
        assert_eq!(revocations(None), Ok(RevocationSettings::Memory));
        assert_eq!(revocations(Some("memory")), Ok(RevocationSettings::Memory));
        assert_eq!(
            revocations(Some("sqlite:/tmp/a:b.db")),
            Ok(RevocationSettings::Sqlite("/tmp/a:b.db".into()))
        );
        for bad in ["", "Memory", "sqlite", "sqlite:", "nonsense"] {
            let err = revocations(Some(bad)).unwrap_err();
            assert!(
                err.contains("`REVOCATIONS`") && err.contains("`sqlite:PATH`"),
                "{err}"
            );
        }
    }

    #[test]
    fn key_is_generated_if_unset() {
        assert_eq!(keys("NO_SUCH_VARIABLE").unwrap().len(), 1);
    }
}
