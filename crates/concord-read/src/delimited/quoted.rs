//! Where a quoted cell ends, or that it does not.

use super::Dialect;
use super::scan::Quotes;

/// A quoted cell has no more bytes than this.
pub const QUOTED_BYTES: usize = 64 * 1024;

/// A quoted cell has no more line ends than this.
pub const QUOTED_LINES: usize = 100;

/// What becomes of a quote at the beginning of a cell.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Quoted {
    /// It is closed by the quote at `close`.
    Closed {
        close: usize,
        /// Whether there are doubled quotes between them.
        doubled: bool,
        /// Whether the cell ends there too, with a delimiter, a line end or the bytes.
        clean: bool,
    },
    /// It is not closed and must be taken literally.
    Unclosed,
    /// The bytes end too early to tell.
    Unknown,
}

/// Follows the quote at `open`, which begins a cell.
///
/// The answer for a piece of an input that ends with a line end is the one for the input, except that `Unclosed` stands
/// for `Closed` beyond the piece. `whole` says that nothing follows the bytes: the answer is then never `Unknown`.
pub(super) fn follow(
    bytes: &[u8],
    quotes: &mut Quotes,
    open: usize,
    dialect: Dialect,
    whole: bool,
) -> Quoted {
    let limit = (open + 1 + QUOTED_BYTES).min(bytes.len());
    let mut at = open + 1;
    let mut doubled = false;
    loop {
        let Some(close) = quotes.find(bytes, at, limit) else {
            return if whole || limit < bytes.len() {
                Quoted::Unclosed
            } else {
                Quoted::Unknown
            };
        };
        let clean = match bytes.get(close + 1) {
            None if !whole => return Quoted::Unknown,
            Some(next) if *next == dialect.quote => {
                doubled = true;
                at = close + 2;
                continue;
            }
            None | Some(b'\n' | b'\r') => true,
            Some(next) => *next == dialect.delimiter,
        };
        let inside = &bytes[open + 1..close];
        let too_many = if clean {
            // No more line ends than bytes: most cells need not be looked at.
            inside.len() > QUOTED_LINES && line_ends(inside, QUOTED_LINES) > QUOTED_LINES
        } else {
            memchr::memchr2(b'\n', b'\r', inside).is_some()
        };
        return if too_many {
            Quoted::Unclosed
        } else {
            Quoted::Closed {
                close,
                doubled,
                clean,
            }
        };
    }
}

/// Line ends in `bytes`, counted up to one more than `enough`.
fn line_ends(bytes: &[u8], enough: usize) -> usize {
    memchr::memchr2_iter(b'\n', b'\r', bytes)
        .filter(|at| bytes[*at] == b'\n' || bytes.get(at + 1) != Some(&b'\n'))
        .take(enough + 1)
        .count()
}
