//! Where reports are written, and how many findings have been.

use std::io::{self, BufWriter, Write};

use concord_finding::Summary;

/// A buffered output that goes quiet when its reader goes away.
pub(crate) struct Output {
    out: BufWriter<Quiet>,
    left: u64,
    shown: u64,
    line: Vec<u8>,
}

impl Output {
    pub(crate) fn new(out: Box<dyn Write + Send>, max_findings: Option<u64>) -> Self {
        Self {
            out: BufWriter::with_capacity(64 * 1024, Quiet { out, gone: false }),
            left: max_findings.unwrap_or(u64::MAX),
            shown: 0,
            line: Vec::new(),
        }
    }

    /// Writes what `make` puts together as one piece: much faster than many small pieces.
    pub(crate) fn piece(
        &mut self,
        make: impl FnOnce(&mut Vec<u8>) -> io::Result<()>,
    ) -> io::Result<()> {
        self.line.clear();
        make(&mut self.line)?;
        self.out.write_all(&self.line)
    }

    /// Whether one more finding may be shown; counts it if so.
    pub(crate) fn take(&mut self) -> bool {
        let may = self.left > 0;
        if may {
            self.left -= 1;
            self.shown += 1;
        }
        may
    }

    /// Findings shown so far.
    pub(crate) fn shown(&self) -> u64 {
        self.shown
    }

    /// The account, with the number of findings that this output left out.
    pub(crate) fn account(&self, summary: &Summary) -> Summary {
        Summary {
            not_shown: summary
                .findings()
                .saturating_sub(self.shown)
                .saturating_sub(summary.persisting()),
            ..summary.clone()
        }
    }
}

impl Write for Output {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.out.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}

struct Quiet {
    out: Box<dyn Write + Send>,
    gone: bool,
}

impl Quiet {
    fn unless_gone<T>(&mut self, result: io::Result<T>, instead: T) -> io::Result<T> {
        match result {
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => {
                self.gone = true;
                Ok(instead)
            }
            other => other,
        }
    }
}

impl Write for Quiet {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.gone {
            return Ok(bytes.len());
        }
        let result = self.out.write(bytes);
        self.unless_gone(result, bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        if self.gone {
            return Ok(());
        }
        let result = self.out.flush();
        self.unless_gone(result, ())
    }
}
