//! Strings as they are written, and what they say.

use std::borrow::Cow;

/// A stretch of the bytes that are read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Span {
    /// Offset of the first byte.
    pub start: usize,
    /// Offset behind the last byte.
    pub end: usize,
}

impl Span {
    /// The bytes, when `bytes` are those that were read.
    pub fn of(self, bytes: &[u8]) -> &[u8] {
        bytes.get(self.start..self.end).unwrap_or_default()
    }

    /// How many bytes it has.
    pub fn len(self) -> usize {
        self.end.saturating_sub(self.start)
    }

    /// Whether it has none.
    pub fn is_empty(self) -> bool {
        self.len() == 0
    }
}

/// A string: what stands between its quotes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Text {
    /// Where it stands, without the quotes.
    pub span: Span,
    /// Whether escapes stand in it.
    pub escaped: bool,
}

impl Text {
    /// What it says, when `bytes` are those that were read. Bytes that are no UTF-8 become replacement characters.
    pub fn says(self, bytes: &[u8]) -> Cow<'_, str> {
        let written = self.span.of(bytes);
        if self.escaped {
            Cow::Owned(unescaped(&String::from_utf8_lossy(written)))
        } else {
            String::from_utf8_lossy(written)
        }
    }

    /// Whether it says `wanted`.
    #[inline]
    pub fn is(self, bytes: &[u8], wanted: &str) -> bool {
        if self.escaped {
            self.says(bytes) == wanted
        } else {
            self.span.of(bytes) == wanted.as_bytes()
        }
    }
}

/// A string whose escapes have been found to be whole, without them.
fn unescaped(written: &str) -> String {
    let mut said = String::with_capacity(written.len());
    let mut rest = written;
    while let Some((before, behind)) = rest.split_once('\\') {
        said.push_str(before);
        let Some(mark) = behind.chars().next() else {
            return said;
        };
        rest = &behind[mark.len_utf8()..];
        match mark {
            'b' => said.push('\u{8}'),
            'f' => said.push('\u{c}'),
            'n' => said.push('\n'),
            'r' => said.push('\r'),
            't' => said.push('\t'),
            'u' => {
                let (unit, behind) = four(rest);
                rest = behind;
                let mut point = unit;
                if (0xd800..0xdc00).contains(&unit)
                    && let Some(second) = rest.strip_prefix("\\u")
                {
                    let (low, behind) = four(second);
                    rest = behind;
                    point = 0x1_0000 + ((unit - 0xd800) << 10) + (low & 0x3ff);
                }
                said.push(char::from_u32(point).unwrap_or('\u{fffd}'));
            }
            other => said.push(other),
        }
    }
    said + rest
}

/// The number that four hexadecimal digits write, and what stands behind them.
fn four(text: &str) -> (u32, &str) {
    match text.split_at_checked(4) {
        Some((digits, rest)) => (u32::from_str_radix(digits, 16).unwrap_or(0xfffd), rest),
        None => (0xfffd, ""),
    }
}
