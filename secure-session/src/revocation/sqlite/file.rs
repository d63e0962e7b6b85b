//! The file's location: where it may be, how it is created, and whether it was replaced.

use std::{
    fs::{self, Metadata, OpenOptions},
    io,
    path::{Path, PathBuf},
};

use super::error::{Problem, SqliteError};

/// The path of a file.
#[derive(Debug)]
pub(super) struct Location {
    /// Absolute, because the working directory may change. Not resolved, so that a symbolic link
    /// that leads elsewhere later is noticed.
    path: PathBuf,
}

/// Identifies a file independently of its name; renaming does not change it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Identity {
    device: u64,
    inode: u64,
}

impl Location {
    pub(super) fn new(path: &Path) -> Result<Self, SqliteError> {
        match std::path::absolute(path) {
            Ok(path) => Ok(Self { path }),
            Err(err) => Err(SqliteError::new(path, Problem::Inaccessible(err))),
        }
    }

    /// Creates the file if it does not exist. Returns its path without symbolic links, and its
    /// identity.
    pub(super) fn create(&self) -> Result<(PathBuf, Identity), SqliteError> {
        self.check_file_system(file_system)?;
        let created = || {
            create_private(&self.path)?;
            Ok((fs::canonicalize(&self.path)?, fs::metadata(&self.path)?))
        };
        let (path, metadata) = created().map_err(|err| self.error(Problem::Inaccessible(err)))?;
        // Reading from a pipe would never end.
        if metadata.is_file() {
            Ok((path, Identity::of(&metadata)))
        } else {
            Err(self.error(Problem::NotAFile))
        }
    }

    /// Returns the identity of the file at the path.
    pub(super) fn identity(&self) -> io::Result<Identity> {
        fs::metadata(&self.path).map(|metadata| Identity::of(&metadata))
    }

    pub(super) fn error(&self, problem: Problem) -> SqliteError {
        SqliteError::new(&self.path, problem)
    }

    /// Checks the kind of the file system, which `kind` returns for an existing path.
    fn check_file_system(
        &self,
        kind: impl FnOnce(&Path) -> io::Result<u32>,
    ) -> Result<(), SqliteError> {
        let place = if self.path.exists() {
            Some(self.path.as_path())
        } else {
            self.path.parent()
        };
        let kind = place.map_or(Ok(0), kind);
        let kind = kind.map_err(|err| self.error(Problem::Inaccessible(err)))?;
        match NETWORK_FILE_SYSTEMS.iter().find(|(it, _)| *it == kind) {
            Some((_, name)) => Err(self.error(Problem::NetworkFileSystem(name))),
            None => Ok(()),
        }
    }
}

/// File systems on which several machines may open a file, and locks may count on one machine only,
/// by the `f_type` of `statfs(2)`. FUSE may be local, but there is
/// no way to tell.
const NETWORK_FILE_SYSTEMS: [(u32, &str); 21] = [
    (0x0102_1997, "9p"),
    (0x5346_414f, "AFS"),
    (0x6b41_4653, "AFS"),
    (0x1983_0326, "BeeGFS"),
    (0x00c3_6400, "Ceph"),
    (0xff53_4d42, "CIFS"),
    (0x7375_7245, "Coda"),
    (0x6573_5546, "FUSE"),
    (0x0116_1970, "GFS2"),
    (0x4750_4653, "GPFS"),
    (0x0bd0_0bd0, "Lustre"),
    (0x0000_564c, "NCP"),
    (0x0000_6969, "NFS"),
    (0x7461_636f, "OCFS2"),
    (0x2003_0528, "OrangeFS"),
    (0xaad7_aaea, "PanFS"),
    (0x7c7c_6673, "prl_fs"),
    (0x0000_517b, "SMB"),
    (0xfe53_4d42, "SMB"),
    (0x786f_4256, "vboxsf"),
    (0xbacb_acbc, "vmhgfs"),
];

/// Returns the kind of the file system.
#[cfg(target_os = "linux")]
fn file_system(path: &Path) -> io::Result<u32> {
    let kind = rustix::fs::statfs(path)?.f_type;
    // Signed or unsigned, 32 or 64 bits, depending on the processor.
    let [a, b, c, d, ..] = i128::from(kind).to_le_bytes();
    Ok(u32::from_le_bytes([a, b, c, d]))
}

/// Other systems have no such number.
#[cfg(not(target_os = "linux"))]
fn file_system(_: &Path) -> io::Result<u32> {
    Ok(0)
}

/// Creates an empty file that only its owner can read and write. SQLite creates the journal with the
/// same mode.
fn create_private(path: &Path) -> io::Result<()> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    match options.open(path) {
        // An existing file is never opened here: closing it would release the locks of SQLite, which
        // belong to the process.
        Err(err) if err.kind() == io::ErrorKind::AlreadyExists => Ok(()),
        opened => opened.map(drop),
    }
}

impl Identity {
    #[cfg(unix)]
    fn of(metadata: &Metadata) -> Self {
        use std::os::unix::fs::MetadataExt as _;
        Self {
            device: metadata.dev(),
            inode: metadata.ino(),
        }
    }

    /// An open file cannot be replaced there.
    #[cfg(not(unix))]
    fn of(_: &Metadata) -> Self {
        Self {
            device: 0,
            inode: 0,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::{Location, NETWORK_FILE_SYSTEMS};

    #[test]
    fn network_file_systems_are_refused_by_name() {
        let location = Location::new(Path::new("revocations.db")).unwrap();
        for (kind, name) in NETWORK_FILE_SYSTEMS {
            let err = location.check_file_system(|_| Ok(kind)).unwrap_err();
            let text = err.to_string();
            assert!(
                text.contains(&format!("network file system ({name})")),
                "{text}"
            );
        }
        // ext4, XFS, Btrfs, ZFS, tmpfs, overlayfs.
        for local in [
            0xef53,
            0x5846_5342,
            0x9123_683e,
            0x2fc1_2fc1,
            0x0102_1994,
            0x794c_7630,
        ] {
            assert!(
                location.check_file_system(|_| Ok(local)).is_ok(),
                "{local:x}"
            );
        }
    }

    #[test]
    fn file_system_of_a_new_file_is_that_of_its_folder() {
        let location = Location::new(Path::new("no-such-file.db")).unwrap();
        let mut asked = None;
        let checked = location.check_file_system(|path| {
            asked = Some(path.to_owned());
            Ok(0)
        });
        assert!(checked.is_ok());
        assert_eq!(asked, std::env::current_dir().ok());
    }
}
