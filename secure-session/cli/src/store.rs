//! The store of revoked sessions: the option, the variable, and reading and appending.

use std::{
    env::{self, VarError},
    time::Duration,
};

use secure_session::{Position, RevocationEntry, RevocationStore, RevocationStoreError};
use tokio::runtime::Runtime;

use crate::{arguments::Arguments, failure::Failure, output::printable};

const OPTION: &str = "--revocations";

const VARIABLE: &str = "REVOCATIONS";

/// A list that is not in a store.
const MEMORY: &str = "memory";

/// What to do if permissions are missing.
const AS_USER: &str = "; run this command as the user of the application";

/// The help for the option.
pub(crate) const HELP: &str = "
Store of revoked sessions. Default: the variable REVOCATIONS.
  --revocations sqlite:PATH   a file that exists; run this as the user of the application
";

/// The option `--revocations`.
#[derive(Debug, Clone, Default)]
pub(crate) struct StoreOption(Option<String>);

impl StoreOption {
    /// Consumes the option.
    pub(crate) fn take(
        &mut self,
        option: &str,
        arguments: &mut Arguments,
    ) -> Result<bool, Failure> {
        let is_taken = option == OPTION;
        if is_taken {
            self.0 = Some(arguments.value(option)?);
        }
        Ok(is_taken)
    }

    /// Opens the store of the option or the variable, if one of them is set.
    pub(crate) fn open(&self, arguments: &Arguments) -> Result<Option<Store>, Failure> {
        let (source, text) = match &self.0 {
            Some(text) => (format!("`{OPTION}`"), text.clone()),
            None => match env::var(VARIABLE) {
                Ok(text) => (format!("environment variable `{VARIABLE}`"), text),
                Err(VarError::NotPresent) => return Ok(None),
                Err(VarError::NotUnicode(_)) => {
                    let message = format!("environment variable `{VARIABLE}` is not UTF-8 text");
                    return Err(arguments.usage(message));
                }
            },
        };
        match text.split_once(':') {
            Some(("sqlite", path)) if !path.is_empty() => Store::sqlite(&source, path).map(Some),
            _ if text == MEMORY => Err(arguments.usage(format!(
                "{source} is `memory`, but a list in memory cannot be read by other programs; set \
                 it to `sqlite:PATH`"
            ))),
            // The text is not repeated, because an address may contain a password.
            _ => Err(arguments.usage(format!("{source} must be `sqlite:PATH`"))),
        }
    }

    /// Like [`open`](Self::open). The variable may also be `memory`, which applications accept: such a
    /// list is not shared, so there is no store.
    pub(crate) fn for_inspection(&self, arguments: &Arguments) -> Result<Option<Store>, Failure> {
        if self.0.is_none() && env::var(VARIABLE).is_ok_and(|text| text == MEMORY) {
            return Ok(None);
        }
        self.open(arguments)
    }

    /// Refuses the option, but not the variable, which belongs to all sessions of an application.
    pub(crate) fn refused_in_fastify(
        &self,
        arguments: &Arguments,
    ) -> Result<Option<Store>, Failure> {
        match self.0 {
            Some(_) => Err(arguments.usage(format!(
                "`{OPTION}` does not exist in the fastify format; remove it"
            ))),
            None => Ok(None),
        }
    }

    /// Opens the store of the option or the variable.
    pub(crate) fn required(&self, arguments: &Arguments) -> Result<Store, Failure> {
        self.open(arguments)?.ok_or_else(|| {
            arguments.usage(format!(
                "`{OPTION}` is required, or the environment variable `{VARIABLE}`: \
                 `{OPTION} sqlite:PATH`"
            ))
        })
    }
}

/// An open store.
pub(crate) struct Store {
    inside: Box<dyn RevocationStore>,
    runtime: Runtime,
}

impl Store {
    #[cfg(feature = "sqlite")]
    fn sqlite(_: &str, path: &str) -> Result<Self, Failure> {
        let file = format!("revocation store: the file `{}`", printable(path));
        // Opening creates the file. With a mistyped path, no session would seem to be revoked.
        let found = std::fs::metadata(path).map_err(|err| {
            let remedy = match err.kind() {
                std::io::ErrorKind::NotFound => "; check the path: it must be the application's",
                std::io::ErrorKind::PermissionDenied => AS_USER,
                _ => "",
            };
            Failure::trouble(format!("{file} cannot be opened: {err}{remedy}"))
        })?;
        if !found.is_file() {
            return Err(Failure::trouble(format!("{file} is not a file")));
        }
        if found.len() == 0 {
            return Err(Failure::trouble(format!(
                "{file} is empty; check the path: it must be the application's"
            )));
        }
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_time()
            .build()?;
        let opened = {
            let _entered = runtime.enter();
            secure_session::SqliteStore::open(path)
        };
        let store = opened.map_err(|err| failure(&err))?;
        Ok(Self {
            inside: Box::new(store),
            runtime,
        })
    }

    #[cfg(not(feature = "sqlite"))]
    fn sqlite(source: &str, _: &str) -> Result<Self, Failure> {
        Err(Failure::trouble(format!(
            "{source} is `sqlite:PATH`, but this command was built without SQLite; install it with \
             `cargo install actix-secure-session-cli --features sqlite`"
        )))
    }

    /// Reads all entries, oldest first.
    pub(crate) fn read(&self, mut take: impl FnMut(&RevocationEntry)) -> Result<(), Failure> {
        let read = async {
            let mut position = Position::START;
            loop {
                let page = self.inside.read(&position, Duration::ZERO).await?;
                page.entries.iter().for_each(&mut take);
                if page.is_last {
                    return Ok(());
                }
                position = page.position;
            }
        };
        (self.runtime.block_on(read)).map_err(|err| failure(&err))
    }

    /// Appends entries, and returns the number of the last one, if it has one.
    pub(crate) fn append(&self, entries: &[RevocationEntry]) -> Result<Option<u64>, Failure> {
        let appended = self.runtime.block_on(self.inside.append(entries));
        let appended = appended.map_err(|err| {
            Failure::trouble(format!(
                "the revocation store may not have stored the entry; run the command again: {}",
                cause(&err)
            ))
        })?;
        Ok(appended.numbers().last().copied().flatten())
    }
}

fn failure(err: &RevocationStoreError) -> Failure {
    Failure::trouble(format!("revocation store: {}", cause(err)))
}

/// Why a store failed, in the most specific sentence, and what to do.
fn cause(err: &RevocationStoreError) -> String {
    let text = match err {
        RevocationStoreError::Lost => {
            "entries were lost, because the store was emptied or replaced".to_owned()
        }
        RevocationStoreError::Unavailable(source) => Failure::causes(source.as_ref()),
        other => Failure::causes(other),
    };
    // The library's errors have no kind. A database's messages may quote the path.
    let remedy = if text.contains("check the permissions") {
        AS_USER
    } else {
        ""
    };
    format!("{}{remedy}", printable(&text))
}

#[cfg(test)]
mod tests {
    use secure_session::{Appended, Page, StoreFuture};

    use super::*;

    /// A store that was emptied, on a full disk.
    struct Failing;

    fn store() -> Store {
        let runtime = tokio::runtime::Builder::new_current_thread().build();
        Store {
            inside: Box::new(Failing),
            runtime: runtime.unwrap(),
        }
    }

    impl RevocationStore for Failing {
        fn append<'a>(&'a self, _: &'a [RevocationEntry]) -> StoreFuture<'a, Appended> {
            Box::pin(async { Err(RevocationStoreError::unavailable("the disk\u{1b} is full")) })
        }

        fn read<'a>(&'a self, _: &'a Position, _: Duration) -> StoreFuture<'a, Page> {
            Box::pin(async { Err(RevocationStoreError::Lost) })
        }
    }

    #[test]
    fn failure_of_a_store_is_its_most_specific_cause() {
        let append = format!("{:?}", store().append(&[]).unwrap_err());
        let cause = "\"the revocation store may not have stored the entry; run the command again: \
                     the disk\\\\u001b is full\"";
        assert!(append.contains(cause), "{append}");
        let read = format!("{:?}", store().read(|_| ()).unwrap_err());
        let cause =
            "\"revocation store: entries were lost, because the store was emptied or replaced\"";
        assert!(read.contains(cause), "{read}");
    }

    #[test]
    fn missing_permissions_name_the_user_to_run_as() {
        let text =
            "the file `a` cannot be opened; check the permissions of the file and of its folder";
        let shown = format!("{:?}", failure(&RevocationStoreError::unavailable(text)));
        let remedy = format!(
            "\"revocation store: {text}; run this command as the user of the application\""
        );
        assert!(shown.contains(&remedy), "{shown}");
    }
}
