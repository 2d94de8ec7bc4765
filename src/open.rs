//! Files that others may have put there, opened with care: no device or pipe is taken for a file (one that never ends would
//! take all memory, one that nobody writes to would be waited for), nothing grows while it is read, and what the program
//! keeps for itself is not reached through a link.

use std::fs::{File, OpenOptions};
use std::io::{self, Read};
use std::path::{Component, Path};

use crate::error::{Error, Result};

/// A megabyte, as `--max-megabytes` counts.
pub const MEGABYTE: u64 = 1_000_000;

/// Settings, themes, tables of metadata: none is as large.
const MOST_MEGABYTES: u64 = 100;

/// Finished reports, which have no limit of their own.
const MOST_OF_A_REPORT: u64 = 16_000;

/// Opens a regular file for reading. Nothing is waited for: what the path is shows on the open file.
///
/// # Errors
/// When it cannot be opened or is something else.
pub fn regular(path: &Path) -> io::Result<File> {
    checked(reading().open(path)?)
}

/// Opens a file that is no link, for reading.
///
/// # Errors
/// When it cannot be opened, or is a link or no regular file.
pub fn unlinked(path: &Path) -> io::Result<File> {
    let mut options = reading();
    no_link(&mut options);
    checked(options.open(path)?)
}

/// Opens a file that is no link, for writing, and makes it if need be. What it holds stays.
///
/// # Errors
/// When it cannot be opened, or is a link or no regular file.
pub fn to_keep(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(false);
    no_link(&mut options);
    checked(options.open(path)?)
}

/// That none of the folders on the way from `base` to `name`, which lies in it, is a link or something else. Those that
/// are not there yet are none.
///
/// # Errors
/// When one is, or `name` leads out of `base`.
pub fn check_folders(base: &Path, name: &Path) -> io::Result<()> {
    let mut place = base.to_path_buf();
    for part in name.components() {
        if !matches!(part, Component::Normal(_)) {
            return Err(io::Error::other("it leads out of the folder"));
        }
        place.push(part);
        match std::fs::symlink_metadata(&place) {
            Ok(of) if of.is_dir() => {}
            Ok(of) if of.is_symlink() => return Err(io::Error::other("it leads through a link")),
            Ok(_) => return Err(io::ErrorKind::NotADirectory.into()),
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => return Err(error),
        }
    }
    Ok(())
}

/// The text of a regular file of the user's.
///
/// # Errors
/// [`Error::Read`] when it cannot be read, is something else than a file, is too large or grows.
pub fn text(path: &Path) -> Result<String> {
    string(path, bytes(path, MOST_MEGABYTES)?)
}

/// The text of a finished report, which may be large.
///
/// # Errors
/// Those of [`text`].
pub fn report(path: &Path) -> Result<String> {
    string(path, bytes(path, MOST_OF_A_REPORT)?)
}

/// The text of a file that the user has named, which may also be a pipe (`<(...)`).
///
/// # Errors
/// Those of [`text`].
pub fn named_text(path: &Path) -> Result<String> {
    if !is_pipe(path) {
        return text(path);
    }
    let bytes = pipe(path, MOST_MEGABYTES)?;
    if bytes.len() as u64 > MOST_MEGABYTES * MEGABYTE {
        return Err(Error::reading(path)(io::ErrorKind::FileTooLarge.into()));
    }
    string(path, bytes)
}

/// What comes out of a pipe, never more than a byte above the limit, which is enough to be refused.
///
/// # Errors
/// [`Error::Read`] when it cannot be read.
pub fn pipe(path: &Path, megabytes: u64) -> Result<Vec<u8>> {
    let failed = Error::reading(path);
    let mut bytes = Vec::new();
    let most = megabytes.saturating_mul(MEGABYTE).saturating_add(1);
    // Waits for whoever writes to it, as the user wants.
    let pipe = File::open(path).map_err(&failed)?;
    pipe.take(most).read_to_end(&mut bytes).map_err(failed)?;
    Ok(bytes)
}

/// Whether the path is that of a pipe.
pub fn is_pipe(path: &Path) -> bool {
    #[cfg(unix)]
    {
        use std::os::unix::fs::FileTypeExt;
        std::fs::metadata(path).is_ok_and(|of| of.file_type().is_fifo())
    }
    #[cfg(not(unix))]
    {
        let _ = path;
        false
    }
}

/// The bytes of a regular file, as many as it has when it is opened.
///
/// # Errors
/// [`Error::Read`] when it cannot be read, is something else than a file or is too large, [`Error::Changed`] when it grows.
pub fn bytes(path: &Path, megabytes: u64) -> Result<Vec<u8>> {
    let failed = Error::reading(path);
    let file = regular(path).map_err(&failed)?;
    let length = file.metadata().map_err(&failed)?.len();
    if length > megabytes.saturating_mul(MEGABYTE) {
        return Err(failed(io::ErrorKind::FileTooLarge.into()));
    }
    let mut bytes = Vec::new();
    file.take(length + 1)
        .read_to_end(&mut bytes)
        .map_err(&failed)?;
    if bytes.len() as u64 > length {
        return Err(Error::Changed { path: path.into() });
    }
    Ok(bytes)
}

fn string(path: &Path, bytes: Vec<u8>) -> Result<String> {
    String::from_utf8(bytes).map_err(|_| {
        let reason = "stream did not contain valid UTF-8";
        Error::reading(path)(io::Error::new(io::ErrorKind::InvalidData, reason))
    })
}

fn reading() -> OpenOptions {
    let mut options = OpenOptions::new();
    options.read(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt;
        options.custom_flags(flags(rustix::fs::OFlags::NONBLOCK));
    }
    options
}

/// A link in the last place is an error.
fn no_link(options: &mut OpenOptions) {
    #[cfg(unix)]
    {
        use rustix::fs::OFlags;
        use std::os::unix::fs::OpenOptionsExt;
        options.custom_flags(flags(OFlags::NOFOLLOW | OFlags::NONBLOCK));
    }
    #[cfg(not(unix))]
    let _ = options;
}

#[cfg(unix)]
fn flags(of: rustix::fs::OFlags) -> i32 {
    of.bits().cast_signed()
}

fn checked(file: File) -> io::Result<File> {
    let of = file.metadata()?;
    if of.is_dir() {
        return Err(io::ErrorKind::IsADirectory.into());
    }
    if !of.is_file() {
        return Err(io::Error::other("it is a device or a pipe, not a file"));
    }
    Ok(file)
}
