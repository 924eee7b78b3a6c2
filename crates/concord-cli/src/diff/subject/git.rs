//! Files as they were at a revision, through the program `git`. Nothing is fetched: a revision must be in the repository.

use std::borrow::Cow;
use std::ffi::OsStr;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::{Arc, Mutex, PoisonError};

use concord_standards::{Source, SourceError};
use tempfile::NamedTempFile;

use crate::failure::Failure;

/// A repository.
#[derive(Debug, Clone)]
pub(crate) struct Git {
    /// Its working tree's root.
    top: PathBuf,
}

/// A revision of a repository.
#[derive(Debug, Clone)]
pub(crate) struct Revision(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    top: PathBuf,
    name: String,
    commit: String,
    /// Paths of all files, sorted.
    files: Vec<String>,
    /// `git cat-file --batch`, from which files are read one after the other.
    reader: Mutex<Option<Reader>>,
}

#[derive(Debug)]
struct Reader {
    child: Child,
    asks: ChildStdin,
    answers: BufReader<ChildStdout>,
}

impl Git {
    /// The repository in which the user is.
    pub(crate) fn here() -> Result<Self, Failure> {
        Self::of(Path::new("."))
    }

    /// The repository that holds a folder, or the folder of a file.
    pub(crate) fn of(path: &Path) -> Result<Self, Failure> {
        let folder = if path.is_dir() {
            path
        } else {
            path.parent()
                .filter(|parent| !parent.as_os_str().is_empty())
                .unwrap_or(Path::new("."))
        };
        let top = run(folder, ["rev-parse", "--show-toplevel"]).map_err(|why| {
            Failure::usage(
                format!("{} is in no git repository: {why}", path.display()),
                "revisions are read from the repository that holds the files; run this inside it",
            )
        })?;
        Ok(Self {
            top: PathBuf::from(top.trim_end_matches(['\n', '\r'])),
        })
    }

    /// A revision by any name that git understands.
    pub(crate) fn revision(&self, name: &str) -> Result<Revision, Failure> {
        let absent = |why: String| {
            Failure::usage(
                format!("there is no revision `{name}` here: {why}"),
                "name a branch, tag or commit that is in this repository; in a pipeline, fetch it first (`git fetch origin main`)",
            )
        };
        if name.starts_with('-') {
            return Err(absent("a name does not begin with `-`".to_owned()));
        }
        let wanted = format!("{name}^{{commit}}");
        let commit = run(
            &self.top,
            ["rev-parse", "--verify", "--end-of-options", &wanted],
        )
        .map_err(absent)?;
        let commit = commit.trim().to_owned();
        let listed = run(
            &self.top,
            ["ls-tree", "-r", "-z", "--name-only", "--full-tree", &commit],
        )
        .map_err(|why| Failure::unreadable(format!("git cannot list {name}: {why}")))?;
        let mut files: Vec<String> = listed
            .split('\0')
            .filter(|path| !path.is_empty())
            .map(str::to_owned)
            .collect();
        files.sort_unstable();
        Ok(Revision(Arc::new(Inner {
            top: self.top.clone(),
            name: name.to_owned(),
            commit,
            files,
            reader: Mutex::new(None),
        })))
    }

    /// The path of a file or folder from the root of the repository.
    pub(crate) fn path_of(&self, path: &Path) -> Result<String, Failure> {
        let cannot =
            |why: String| Failure::unreadable(format!("{} cannot be found: {why}", path.display()));
        let absolute = path
            .canonicalize()
            .map_err(|error| cannot(error.to_string()))?;
        let top = self
            .top
            .canonicalize()
            .map_err(|error| cannot(error.to_string()))?;
        let below = absolute
            .strip_prefix(&top)
            .map_err(|_| cannot(format!("it is not below {}", top.display())))?;
        Ok(super::slashed(below))
    }
}

/// Git in a folder. A hook runs with the repository in its environment, by a path that means something else elsewhere.
fn command(folder: &Path) -> Command {
    let mut git = Command::new("git");
    git.arg("-C").arg(folder);
    for name in ["GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_PREFIX"] {
        git.env_remove(name);
    }
    git
}

/// What git says; the first line of what it complains of when it fails.
fn run<S: AsRef<OsStr>>(
    folder: &Path,
    arguments: impl IntoIterator<Item = S>,
) -> Result<String, String> {
    let output = command(folder)
        .args(arguments)
        .stdin(Stdio::null())
        .output()
        .map_err(|error| format!("the program `git` cannot be run ({error})"))?;
    if output.status.success() {
        return Ok(String::from_utf8_lossy(&output.stdout).into_owned());
    }
    let told = String::from_utf8_lossy(&output.stderr);
    let first = told.lines().next().unwrap_or("git failed");
    Err(first.trim_start_matches("fatal: ").to_owned())
}

impl Revision {
    /// As the user named it.
    pub(crate) fn name(&self) -> &str {
        &self.0.name
    }

    pub(crate) fn is_file(&self, path: &str) -> bool {
        let files = &self.0.files;
        files
            .binary_search_by(|known| known.as_str().cmp(path))
            .is_ok()
    }

    pub(crate) fn is_folder(&self, path: &str) -> bool {
        path.is_empty() || self.below(path).next().is_some()
    }

    /// Files below a folder, by their paths from the root.
    pub(crate) fn below<'r>(&'r self, folder: &str) -> impl Iterator<Item = &'r str> {
        let prefix = if folder.is_empty() {
            String::new()
        } else {
            format!("{folder}/")
        };
        let files = &self.0.files;
        let first = files.partition_point(|known| *known < prefix);
        let rest = files[first..].iter();
        rest.take_while(move |known| known.starts_with(&prefix))
            .map(String::as_str)
    }

    /// The text of a file.
    pub(super) fn text(&self, path: &str) -> Result<String, Failure> {
        super::text(&format!("git:{}:{path}", self.name()), self.bytes(path)?)
    }

    /// A copy of a file, which goes when it is dropped.
    pub(super) fn file(&self, path: &str) -> Result<NamedTempFile, Failure> {
        let bytes = self.bytes(path)?;
        let name = Path::new(path).file_name().unwrap_or_default();
        let written = tempfile::Builder::new()
            .suffix(name)
            .tempfile()
            .and_then(|mut file| file.write_all(&bytes).map(|()| file));
        written.map_err(|error| {
            Failure::unreadable(format!("a copy of {path} cannot be written: {error}"))
        })
    }

    fn bytes(&self, path: &str) -> Result<Vec<u8>, Failure> {
        self.read_bytes(path).map_err(|why| {
            Failure::unreadable(format!("{path} at {} cannot be read: {why}", self.name()))
        })
    }

    fn read_bytes(&self, path: &str) -> Result<Vec<u8>, String> {
        if path.contains('\n') {
            return Err("its name holds a line end".to_owned());
        }
        let mut reader = self.0.reader.lock().unwrap_or_else(PoisonError::into_inner);
        if reader.is_none() {
            *reader = Some(Reader::start(&self.0.top)?);
        }
        let Some(open) = reader.as_mut() else {
            return Err("git cannot be run".to_owned());
        };
        let read = open.read(&format!("{}:{path}", self.0.commit));
        if read.is_err() {
            // What is left in its output belongs to no question.
            *reader = None;
        }
        read.map_err(|error| error.to_string())?
    }
}

impl Reader {
    fn start(top: &Path) -> Result<Self, String> {
        let started = command(top)
            .args(["cat-file", "--batch"])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn();
        let mut child =
            started.map_err(|error| format!("the program `git` cannot be run ({error})"))?;
        match (child.stdin.take(), child.stdout.take()) {
            (Some(asks), Some(answers)) => Ok(Self {
                child,
                asks,
                answers: BufReader::new(answers),
            }),
            _ => Err("the program `git` has no input and output".to_owned()),
        }
    }

    /// The content of an object; inside, why there is none.
    fn read(&mut self, object: &str) -> std::io::Result<Result<Vec<u8>, String>> {
        writeln!(self.asks, "{object}")?;
        self.asks.flush()?;
        let mut head = String::new();
        self.answers.read_line(&mut head)?;
        let mut words = head.trim_end().rsplit(' ');
        let (size, kind) = (words.next().unwrap_or_default(), words.next());
        let Ok(size) = size.parse::<u64>() else {
            return Ok(Err("there is no such file".to_owned()));
        };
        let mut bytes = Vec::new();
        self.answers.by_ref().take(size).read_to_end(&mut bytes)?;
        let mut end = [0];
        self.answers.read_exact(&mut end)?;
        Ok(if kind == Some("blob") {
            Ok(bytes)
        } else {
            Err("it is no file".to_owned())
        })
    }
}

impl Drop for Reader {
    fn drop(&mut self) {
        // It ends when nobody asks any more; it must not be left behind.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The files of a revision below a folder.
pub(super) struct Below {
    revision: Revision,
    folder: String,
}

impl Below {
    pub(super) fn new(revision: Revision, folder: &str) -> Self {
        Self {
            revision,
            folder: folder.to_owned(),
        }
    }

    fn whole(&self, path: &str) -> String {
        match (self.folder.as_str(), path) {
            ("", path) => path.to_owned(),
            (folder, "") => folder.to_owned(),
            (folder, path) => format!("{folder}/{path}"),
        }
    }
}

impl Source for Below {
    fn read(&self, path: &str) -> Result<Cow<'_, str>, SourceError> {
        let whole = self.whole(path);
        if !self.revision.is_file(&whole) {
            return Err(SourceError::missing(path));
        }
        let failed = |reason: String| SourceError {
            path: path.to_owned(),
            reason,
        };
        let bytes = self.revision.read_bytes(&whole).map_err(failed)?;
        String::from_utf8(bytes)
            .map(Cow::Owned)
            .map_err(|_| failed("it is not UTF-8 text".to_owned()))
    }

    fn list(&self, path: &str) -> Vec<String> {
        let skip = if self.folder.is_empty() {
            0
        } else {
            self.folder.len() + 1
        };
        self.revision
            .below(&self.whole(path))
            .map(|known| known[skip..].to_owned())
            .collect()
    }
}
