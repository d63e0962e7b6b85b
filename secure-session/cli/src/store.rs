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
            _ if text == "memory" => Err(arguments.usage(format!(
                "{source} is `memory`, but other programs cannot read a list that is in the memory \
                 of a process; it must be `sqlite:PATH`"
            ))),
            // The text is not repeated, because an address may contain a password.
            _ => Err(arguments.usage(format!("{source} must be `sqlite:PATH`"))),
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
    /// The store's name in messages.
    what: String,
    inside: Box<dyn RevocationStore>,
    runtime: Runtime,
}

impl Store {
    #[cfg(feature = "sqlite")]
    fn sqlite(_: &str, path: &str) -> Result<Self, Failure> {
        let what = format!("revocation store `{}`", printable(path));
        // Opening creates the file. With a mistyped path, no session would seem to be revoked.
        let found = std::fs::metadata(path).map_err(|err| {
            let remedy = match err.kind() {
                std::io::ErrorKind::NotFound => "; check the path: it must be the application's",
                _ => "",
            };
            Failure::trouble(format!("{what} cannot be opened: {err}{remedy}"))
        })?;
        if !found.is_file() {
            return Err(Failure::trouble(format!("{what} is not a file")));
        }
        if found.len() == 0 {
            return Err(Failure::trouble(format!(
                "{what} is an empty file; check the path: it must be the application's"
            )));
        }
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_time()
            .build()?;
        let opened = {
            let _entered = runtime.enter();
            secure_session::SqliteStore::open(path)
        };
        let store = opened.map_err(|err| failure(&what, "cannot be opened", &err))?;
        Ok(Self {
            what,
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
        (self.runtime.block_on(read)).map_err(|err| failure(&self.what, "cannot be read", &err))
    }

    /// Appends entries, and returns the number of the last one, if it has one.
    pub(crate) fn append(&self, entries: &[RevocationEntry]) -> Result<Option<u64>, Failure> {
        let appended = self.runtime.block_on(self.inside.append(entries));
        let appended = appended.map_err(|err| {
            failure(
                &self.what,
                "may not have the entry; run the command again",
                &err,
            )
        })?;
        Ok(appended.numbers().last().copied().flatten())
    }
}

/// A database's messages may quote the path.
fn failure(what: &str, problem: &str, err: &RevocationStoreError) -> Failure {
    let causes = printable(&Failure::causes(err));
    Failure::trouble(format!("{what} {problem}: {causes}"))
}

#[cfg(test)]
mod tests {
    use secure_session::{Appended, Page, StoreFuture};

    use super::*;

    /// A store that was emptied, on a full disk.
    struct Failing;

    impl RevocationStore for Failing {
        fn append<'a>(&'a self, _: &'a [RevocationEntry]) -> StoreFuture<'a, Appended> {
            Box::pin(async { Err(RevocationStoreError::unavailable("the disk\u{1b} is full")) })
        }

        fn read<'a>(&'a self, _: &'a Position, _: Duration) -> StoreFuture<'a, Page> {
            Box::pin(async { Err(RevocationStoreError::Lost) })
        }
    }

    #[test]
    fn failures_of_a_store_have_their_causes() {
        let runtime = tokio::runtime::Builder::new_current_thread().build();
        let store = Store {
            what: "revocation store `a`".to_owned(),
            inside: Box::new(Failing),
            runtime: runtime.unwrap(),
        };
        let append = format!("{:?}", store.append(&[]).unwrap_err());
        let cause = "may not have the entry; run the command again: the revocation store is not \
                     available: the disk\\\\u001b is full";
        assert!(append.contains(cause), "{append}");
        let read = format!("{:?}", store.read(|_| ()).unwrap_err());
        let cause = "cannot be read: the revocation store lost entries";
        assert!(read.contains(cause), "{read}");
    }
}
