//! Values accepted on bytes alone.
//!
//! A [`Quick`] check may only say yes, and only where the exact check would: whatever it does not recognise is decided
//! by [`ValueChecker`](concord_standards::value::ValueChecker). A property test holds the two together.

use concord_model::lexical;
use concord_standards::schema::{Builtin, Facets, Schema, SimpleTypeId, Variety, WhiteSpace};

/// Bytes that stand for themselves in any text: printable ASCII without `&`, `<` and `>`.
static PLAIN: [bool; 256] = {
    let mut table = [false; 256];
    let mut byte = 0x20;
    while byte < 0x7F {
        table[byte] = !matches!(byte as u8, b'&' | b'<' | b'>');
        byte += 1;
    }
    table
};

/// Longest enumeration code that is compared as one number.
const CODE: usize = 16;

/// A code as the little-endian number of its bytes.
type Number = u128;

/// How a simple type can be checked on bytes.
#[derive(Debug, Clone)]
pub(crate) enum Quick {
    /// Only the exact check knows.
    Exact,
    /// Printable ASCII of a length.
    Text { least: usize, most: usize },
    /// Digits of a number of places.
    Digits { least: usize, most: usize },
    /// One of some short codes.
    Codes(CodeSet),
    /// An unsigned or signed decimal number, plainly written.
    Decimal {
        /// Most digits in all.
        total: u32,
        /// Most digits before the point.
        whole: u32,
        /// Most digits after the point.
        fraction: u32,
        /// Whether a minus may stand before it.
        signed: bool,
    },
    /// A whole number without sign and at most 18 digits, between bounds.
    Integer { least: u64, most: u64, digits: u32 },
    /// `CCYY-MM-DD` between bounds, as CCYYMMDD.
    Date { least: u32, most: u32 },
    /// `HH:MM:SS`.
    Time,
    /// `CCYY-MM-DDTHH:MM:SS`.
    DateTime {
        /// Whether `Z` or an offset may follow.
        zone: bool,
    },
}

/// A set of short codes: open addressing, the number of a code hashed by multiplication.
#[derive(Debug, Clone)]
pub(crate) struct CodeSet {
    /// Codes by hash, 0 for a free place. A power of two, at least twice as many as there are codes.
    places: Box<[Number]>,
    empty: bool,
}

impl CodeSet {
    fn new(codes: &[Number]) -> Self {
        let size = (codes.len() * 2).next_power_of_two().max(4);
        let mut set = Self {
            places: vec![0; size].into(),
            empty: codes.contains(&0),
        };
        for code in codes.iter().filter(|code| **code != 0) {
            let mut place = set.home(*code);
            while set.places[place] != 0 && set.places[place] != *code {
                place = (place + 1) & (size - 1);
            }
            set.places[place] = *code;
        }
        set
    }

    #[inline]
    fn home(&self, code: Number) -> usize {
        // Fibonacci hashing of the two halves: the highest bits depend on all bytes.
        let mixed = (code as u64 ^ ((code >> 64) as u64).rotate_left(29))
            .wrapping_mul(0x9E37_79B9_7F4A_7C15);
        (mixed >> 40) as usize & (self.places.len() - 1)
    }

    #[inline]
    fn contains(&self, code: Number) -> bool {
        if code == 0 {
            return self.empty;
        }
        let mut place = self.home(code);
        loop {
            let known = self.places[place];
            if known == code {
                return true;
            }
            if known == 0 {
                return false;
            }
            place = (place + 1) & (self.places.len() - 1);
        }
    }
}

impl Quick {
    /// The quick check of a type, if it has one.
    pub(crate) fn new(schema: &Schema, id: SimpleTypeId) -> Self {
        let simple = schema.simple_type(id);
        let Variety::Atomic(builtin) = simple.variety else {
            return Self::Exact;
        };
        let steps = &simple.steps;
        if steps.iter().any(|step| {
            step.white_space
                .is_some_and(|space| space != WhiteSpace::Preserve)
        }) {
            return Self::Exact;
        }
        match builtin {
            Builtin::String => string(steps),
            Builtin::Integer
            | Builtin::PositiveInteger
            | Builtin::NonNegativeInteger
            | Builtin::UnsignedInt
            | Builtin::UnsignedLong => integer(builtin, steps),
            Builtin::Decimal => decimal(steps),
            Builtin::Date => date(steps),
            Builtin::Time if time_patterns_known(steps) => Self::Time,
            Builtin::DateTime => date_time(steps),
            _ => Self::Exact,
        }
    }

    /// The offset of the `<` behind the value that begins at `at`, if the value is certainly right.
    ///
    /// `bytes` must not end before that: the caller pads.
    #[inline]
    pub(crate) fn accept(&self, bytes: &[u8], at: usize) -> Option<usize> {
        match self {
            Self::Exact => None,
            Self::Text { least, most } => {
                let end = plain_end(bytes, at)?;
                let length = end - at;
                (*least <= length && length <= *most).then_some(end)
            }
            Self::Codes(codes) => {
                let end = plain_end(bytes, at)?;
                let length = end - at;
                if length > CODE {
                    return None;
                }
                codes.contains(number(bytes, at, length)?).then_some(end)
            }
            Self::Digits { least, most } => {
                let end = digits_end(bytes, at);
                let length = end - at;
                (bytes.get(end) == Some(&b'<') && *least <= length && length <= *most)
                    .then_some(end)
            }
            Self::Integer {
                least,
                most,
                digits,
            } => {
                let end = digits_end(bytes, at);
                let length = end - at;
                if bytes.get(end) != Some(&b'<')
                    || length == 0
                    || length > 18
                    || length as u32 > *digits
                {
                    return None;
                }
                (*least..=*most)
                    .contains(&whole(&bytes[at..end]))
                    .then_some(end)
            }
            Self::Date { least, most } => {
                let date = date_at(bytes, at)?;
                (bytes.get(at + 10) == Some(&b'<') && *least <= date && date <= *most)
                    .then_some(at + 10)
            }
            Self::Time => {
                time_at(bytes, at)?;
                (bytes.get(at + 8) == Some(&b'<')).then_some(at + 8)
            }
            Self::DateTime { zone } => {
                date_time_end(bytes, at).filter(|end| *zone || *end == at + 19)
            }
            Self::Decimal { .. } => {
                let end = self.decimal_end(bytes, at)?;
                (bytes.get(end) == Some(&b'<')).then_some(end)
            }
        }
    }

    /// Whether the value at `at`, of a length that is not 0, is certainly right. `plain`: whether it is known to be
    /// [plain](is_plain).
    #[inline]
    pub(crate) fn accepts(&self, bytes: &[u8], at: usize, length: usize, plain: bool) -> bool {
        let text = bytes.get(at..at + length);
        text.is_some_and(|text| self.accepts_text(text, bytes, at, plain, false))
    }

    /// As [`accepts`](Self::accepts), of the text that stands at `at` in `bytes`. `lines`: whether it may have line ends and
    /// tabs.
    #[inline]
    pub(crate) fn accepts_text(
        &self,
        text: &[u8],
        bytes: &[u8],
        at: usize,
        plain: bool,
        lines: bool,
    ) -> bool {
        let length = text.len();
        match self {
            Self::Exact => false,
            Self::Text { least, most } => {
                let length = if plain || is_plain_text(text) {
                    Some(length)
                } else {
                    characters(text, lines)
                };
                length.is_some_and(|length| *least <= length && length <= *most)
            }
            Self::Codes(codes) => {
                length <= CODE
                    && codes.contains(number(bytes, at, length).unwrap_or_else(|| short(text)))
            }
            Self::Digits { least, most } => {
                *least <= length && length <= *most && text.iter().all(u8::is_ascii_digit)
            }
            Self::Integer {
                least,
                most,
                digits,
            } => {
                length > 0
                    && length <= 18
                    && length as u32 <= *digits
                    && text.iter().all(u8::is_ascii_digit)
                    && (*least..=*most).contains(&whole(text))
            }
            Self::Date { least, most } => {
                length == 10 && date_at(text, 0).is_some_and(|date| *least <= date && date <= *most)
            }
            Self::Time => length == 8 && time_at(text, 0).is_some(),
            Self::DateTime { .. } => {
                length == 19
                    && text[10] == b'T'
                    && date_at(text, 0).is_some()
                    && time_at(text, 11).is_some()
            }
            Self::Decimal { .. } => self.decimal_end(text, 0) == Some(length),
        }
    }

    /// Where a plainly written number ends: digits, and a point only with digits behind it.
    #[inline]
    fn decimal_end(&self, bytes: &[u8], at: usize) -> Option<usize> {
        let Self::Decimal {
            total,
            whole,
            fraction,
            signed,
        } = *self
        else {
            return None;
        };
        let start = at + usize::from(signed && bytes.get(at) == Some(&b'-'));
        let point = digits_end(bytes, start);
        let before = (point - start) as u64;
        let (end, behind) = if bytes.get(point) == Some(&b'.') {
            let end = digits_end(bytes, point + 1);
            (end, (end - point - 1) as u64)
        } else {
            (point, 0)
        };
        let written = before > 0 && (behind > 0 || end == point);
        let fits = before <= u64::from(whole)
            && behind <= u64::from(fraction)
            && before + behind <= u64::from(total);
        (written && fits).then_some(end)
    }
}

/// Whether bytes stand for themselves in any text: printable ASCII without `&`, `<` and `>`.
#[inline]
#[expect(
    clippy::needless_bitwise_bool,
    reason = "an early end keeps the compiler from making vector instructions"
)]
pub(crate) fn is_plain(text: &[u8]) -> bool {
    // Without an early end, so that the compiler makes vector instructions of it.
    let strange = text.iter().fold(false, |strange, byte| {
        strange
            | (byte.wrapping_sub(0x20) > 0x5E)
            | (*byte == b'&')
            | (*byte == b'<')
            | (*byte == b'>')
    });
    !strange
}

/// The number that at most 18 digits write.
#[inline]
fn whole(digits: &[u8]) -> u64 {
    digits
        .iter()
        .fold(0, |value, byte| value * 10 + u64::from(byte - b'0'))
}

#[inline]
fn plain_end(bytes: &[u8], at: usize) -> Option<usize> {
    let mut end = at;
    while PLAIN[usize::from(*bytes.get(end)?)] {
        end += 1;
    }
    (bytes[end] == b'<').then_some(end)
}

#[inline]
fn digits_end(bytes: &[u8], at: usize) -> usize {
    let mut end = at;
    while bytes.get(end).is_some_and(u8::is_ascii_digit) {
        end += 1;
    }
    end
}

/// Up to sixteen bytes as a little-endian number.
#[inline]
fn number(bytes: &[u8], at: usize, length: usize) -> Option<Number> {
    if length == 0 {
        return Some(0);
    }
    let all: [u8; CODE] = bytes.get(at..at + CODE)?.try_into().ok()?;
    Some(Number::from_le_bytes(all) & (Number::MAX >> (Number::BITS as usize - 8 * length)))
}

/// [`is_plain`] for a short text, eight bytes at a time.
///
/// Bytes are looked at as <https://graphics.stanford.edu/~seander/bithacks.html#HasLessInWord> does it: above a byte that is
/// found another may be found in vain, which changes nothing here.
#[inline]
fn is_plain_text(text: &[u8]) -> bool {
    const ONES: u64 = 0x0101_0101_0101_0101;
    let below = |word: u64, bound: u64| word.wrapping_sub(ONES * bound) & !word;
    let strange = |word: u64| {
        let ampersand = below(word ^ (ONES * 0x26), 1);
        // `<` and `>` differ in one bit.
        let angle = below((word & !(ONES * 0x02)) ^ (ONES * 0x3C), 1);
        let wide = word | word.wrapping_add(ONES);
        (below(word, 0x20) | ampersand | angle | wide) & (ONES * 0x80) != 0
    };
    let (words, rest) = text.as_chunks();
    rest.iter().all(|byte| PLAIN[usize::from(*byte)])
        && !words.iter().any(|word| strange(u64::from_le_bytes(*word)))
}

/// How many characters a text has that is plain but for small letters of western Europe (`à` to `ÿ`), and for line ends and
/// tabs where there may be `lines`.
///
/// `None` for others, and for one that may be guarded by a sign before it, as spreadsheets do.
fn characters(text: &[u8], lines: bool) -> Option<usize> {
    let (mut at, mut count) = (0, 0);
    while let Some(byte) = text.get(at) {
        at += match byte {
            byte if PLAIN[usize::from(*byte)] => 1,
            b'\t' | b'\n' | b'\r' if lines => 1,
            0xC3 if matches!(text.get(at + 1), Some(0xA0..=0xBF)) => 2,
            _ => return None,
        };
        count += 1;
    }
    let guarded = matches!(text.first(), Some(b'\'' | b'"' | b'='));
    (!guarded).then_some(count)
}

/// At most sixteen bytes, behind which too little stands, as such a number.
#[cold]
fn short(text: &[u8]) -> Number {
    let number = text.iter().rev();
    number.fold(0, |number, byte| (number << 8) | Number::from(*byte))
}

#[inline]
fn two(bytes: &[u8], at: usize) -> Option<u32> {
    let (tens, ones) = (
        bytes[at].wrapping_sub(b'0'),
        bytes[at + 1].wrapping_sub(b'0'),
    );
    (tens < 10 && ones < 10).then(|| u32::from(tens) * 10 + u32::from(ones))
}

/// The date at `at` as CCYYMMDD.
#[inline]
fn date_at(bytes: &[u8], at: usize) -> Option<u32> {
    let (year, month, day) = lexical::civil(bytes.get(at..)?.first_chunk()?)?;
    Some(year * 10_000 + month * 100 + day)
}

#[inline]
fn time_at(bytes: &[u8], at: usize) -> Option<()> {
    let text = bytes.get(at..at + 8)?;
    if text[2] != b':' || text[5] != b':' {
        return None;
    }
    (two(text, 0)? < 24 && two(text, 3)? < 60 && two(text, 6)? < 60).then_some(())
}

#[inline]
fn date_time_end(bytes: &[u8], at: usize) -> Option<usize> {
    date_at(bytes, at)?;
    if bytes.get(at + 10) != Some(&b'T') {
        return None;
    }
    time_at(bytes, at + 11)?;
    let end = at + 19;
    match bytes.get(end)? {
        b'<' => Some(end),
        b'Z' => (bytes.get(end + 1) == Some(&b'<')).then_some(end + 1),
        b'+' | b'-' => {
            let offset = bytes.get(end + 1..end + 7)?;
            (offset[2] == b':' && two(offset, 0)? < 14 && two(offset, 3)? < 60 && offset[5] == b'<')
                .then_some(end + 6)
        }
        _ => None,
    }
}

fn string(steps: &[Facets]) -> Quick {
    let mut least = 0;
    let mut most = usize::MAX;
    let mut digits = false;
    let mut codes: Option<Vec<Number>> = None;
    for step in steps {
        let length = |limit: Option<u64>| limit.and_then(|limit| usize::try_from(limit).ok());
        least = least.max(length(step.length.or(step.min_length)).unwrap_or(0));
        most = most.min(length(step.length.or(step.max_length)).unwrap_or(usize::MAX));
        match &step.patterns[..] {
            [] => {}
            [pattern] => match digit_pattern(pattern) {
                Some((fewest, greatest)) => {
                    digits = true;
                    least = least.max(fewest);
                    most = most.min(greatest);
                }
                None => return Quick::Exact,
            },
            _ => return Quick::Exact,
        }
        if !step.enumeration.is_empty() {
            let Some(list) = short_codes(&step.enumeration) else {
                return Quick::Exact;
            };
            codes = Some(match codes {
                None => list,
                Some(before) => before
                    .into_iter()
                    .filter(|code| list.contains(code))
                    .collect(),
            });
        }
    }
    match codes {
        Some(_) if digits || least > 0 || most < usize::MAX => {
            // Lengths beside codes are rare, and the codes may break them.
            let fits = |code: &Number| {
                let length = CODE - code.leading_zeros() as usize / 8;
                least <= length && length <= most
            };
            match codes {
                Some(list) if !digits => {
                    let list: Vec<Number> = list.into_iter().filter(fits).collect();
                    Quick::Codes(CodeSet::new(&list))
                }
                _ => Quick::Exact,
            }
        }
        Some(list) => Quick::Codes(CodeSet::new(&list)),
        None if digits => Quick::Digits { least, most },
        None => Quick::Text { least, most },
    }
}

/// Codes as numbers, if every one is short and stands for itself.
fn short_codes(codes: &[String]) -> Option<Vec<Number>> {
    codes
        .iter()
        .map(|code| {
            let bytes = code.as_bytes();
            if bytes.is_empty()
                || bytes.len() > CODE
                || bytes.iter().any(|byte| !PLAIN[usize::from(*byte)])
            {
                return None;
            }
            let mut all = [0; CODE];
            all[..bytes.len()].copy_from_slice(bytes);
            Some(Number::from_le_bytes(all))
        })
        .collect()
}

/// Bounds of `[0-9]*`, `[0-9]+`, `[0-9]{n}` and `[0-9]{n,m}`.
fn digit_pattern(pattern: &str) -> Option<(usize, usize)> {
    let rest = pattern.strip_prefix("[0-9]")?;
    match rest {
        "" => Some((1, 1)),
        "*" => Some((0, usize::MAX)),
        "+" => Some((1, usize::MAX)),
        _ => {
            let bounds = rest.strip_prefix('{')?.strip_suffix('}')?;
            let (least, most) = bounds.split_once(',').unwrap_or((bounds, bounds));
            let most = if most.is_empty() {
                usize::MAX
            } else {
                most.parse().ok()?
            };
            Some((least.parse().ok()?, most))
        }
    }
}

fn integer(builtin: Builtin, steps: &[Facets]) -> Quick {
    let mut least = u64::from(builtin == Builtin::PositiveInteger);
    let mut most = if builtin == Builtin::UnsignedInt {
        u64::from(u32::MAX)
    } else {
        u64::MAX
    };
    let mut digits = 18;
    for step in steps {
        let other = Facets {
            min_inclusive: None,
            max_inclusive: None,
            total_digits: None,
            patterns: Vec::new(),
            ..step.clone()
        };
        if other != Facets::default() {
            return Quick::Exact;
        }
        match &step.patterns[..] {
            [] => {}
            // With a sign or without: a quick check takes those without.
            [pattern] => match digit_pattern(pattern.strip_prefix("-?").unwrap_or(pattern)) {
                Some((0 | 1, greatest)) => digits = digits.min(greatest as u32),
                _ => return Quick::Exact,
            },
            _ => return Quick::Exact,
        }
        for (bound, lower) in [(&step.min_inclusive, true), (&step.max_inclusive, false)] {
            let Some(bound) = bound else { continue };
            let Ok(bound) = bound.parse::<u64>() else {
                return Quick::Exact;
            };
            if lower {
                least = least.max(bound);
            } else {
                most = most.min(bound);
            }
        }
        digits = digits.min(step.total_digits.unwrap_or(18));
    }
    Quick::Integer {
        least,
        most,
        digits,
    }
}

fn date(steps: &[Facets]) -> Quick {
    /// What every date without a zone satisfies.
    const NO_ZONE: &str = "[0-9]{4}-[0-9]{2}-[0-9]{2}";
    let (mut least, mut most) = (0, u32::MAX);
    for step in steps {
        let other = Facets {
            min_inclusive: None,
            max_inclusive: None,
            patterns: Vec::new(),
            ..step.clone()
        };
        if other != Facets::default() || step.patterns.iter().any(|pattern| pattern != NO_ZONE) {
            return Quick::Exact;
        }
        for (bound, lower) in [(&step.min_inclusive, true), (&step.max_inclusive, false)] {
            let Some(bound) = bound else { continue };
            let bytes = bound.as_bytes();
            let Some(bound) = (bytes.len() == 10).then(|| date_at(bytes, 0)).flatten() else {
                return Quick::Exact;
            };
            if lower {
                least = least.max(bound);
            } else {
                most = most.min(bound);
            }
        }
    }
    Quick::Date { least, most }
}

fn decimal(steps: &[Facets]) -> Quick {
    let (mut total, mut whole, mut fraction, mut signed) = (u32::MAX, u32::MAX, u32::MAX, true);
    for step in steps {
        let other = Facets {
            min_inclusive: None,
            total_digits: None,
            fraction_digits: None,
            patterns: Vec::new(),
            ..step.clone()
        };
        match &step.patterns[..] {
            [] => {}
            [pattern] => match decimal_pattern(pattern) {
                Some((digits, behind, minus)) => {
                    whole = whole.min(digits);
                    fraction = fraction.min(behind);
                    signed &= minus;
                }
                None => return Quick::Exact,
            },
            _ => return Quick::Exact,
        }
        match step.min_inclusive.as_deref() {
            None => {}
            Some("0") => signed = false,
            Some(_) => return Quick::Exact,
        }
        if other != Facets::default() {
            return Quick::Exact;
        }
        total = total.min(step.total_digits.unwrap_or(u32::MAX));
        fraction = fraction.min(step.fraction_digits.unwrap_or(u32::MAX));
    }
    Quick::Decimal {
        total,
        whole,
        fraction,
        signed,
    }
}

/// Digits before and after the point, and whether a minus may stand, of `-?[0-9]{1,w}(\.[0-9]{1,f})?`.
fn decimal_pattern(pattern: &str) -> Option<(u32, u32, bool)> {
    let unsigned = pattern.strip_prefix("-?").unwrap_or(pattern);
    let (whole, behind) = unsigned.strip_suffix(")?")?.split_once("(\\.")?;
    let most = |pattern: &str| match digit_pattern(pattern)? {
        (1, most) => u32::try_from(most).ok(),
        _ => None,
    };
    Some((most(whole)?, most(behind)?, unsigned.len() < pattern.len()))
}

/// Only the pattern, if any, of a day and a time without a zone.
fn date_time(steps: &[Facets]) -> Quick {
    const NO_ZONE: &str = "[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}";
    let mut zone = true;
    for step in steps {
        match &step.patterns[..] {
            [] => {}
            [pattern] if pattern == NO_ZONE => zone = false,
            _ => return Quick::Exact,
        }
        let other = Facets {
            patterns: Vec::new(),
            ..step.clone()
        };
        if other != Facets::default() {
            return Quick::Exact;
        }
    }
    Quick::DateTime { zone }
}

/// Whether the only facet is the pattern that every CDS time has, or every time in a table, either of which every `HH:MM:SS` satisfies.
fn time_patterns_known(steps: &[Facets]) -> bool {
    const CDS: &str = "([0-9]|[0-1][0-9]|[2][0-3]):([0-5][0-9]):([0-5][0-9])";
    const PLAIN: &str = "[0-9]{2}:[0-9]{2}:[0-9]{2}";
    steps.iter().all(|step| {
        let known = |pattern: &String| pattern == CDS || pattern == PLAIN;
        let patterns_known = step.patterns.is_empty() || step.patterns.iter().any(known);
        patterns_known
            && Facets {
                patterns: Vec::new(),
                ..step.clone()
            } == Facets::default()
    })
}

#[cfg(test)]
mod tests {
    use concord_model::repair::Kind;
    use concord_standards::layout::value_problem;
    use concord_standards::schema::SimpleType;
    use concord_standards::value::ValueChecker;
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn letters_are_taken_only_where_the_exact_check_takes_them(
            text in "['\"=]?[a-zA-Z0-9 éàÿ÷ÃÂ£€\u{a0}\u{200b}.&<\n\r\t\u{b}]{1,9}['\"]?",
        ) {
            let simple = SimpleType {
                name: None,
                variety: Variety::Atomic(Builtin::String),
                steps: vec![Facets { min_length: Some(2), max_length: Some(7), ..Facets::default() }],
                base: None,
                code_list: None,
                format: None,
                origin: concord_standards::schema::Origin::default(),
            };
            let schema = Schema { simple_types: vec![simple], ..Schema::default() };
            let checker = ValueChecker::compile(&schema, SimpleTypeId(0)).expect("a type");
            let quick = Quick::new(&schema, SimpleTypeId(0));
            let accepted = quick.accepts_text(text.as_bytes(), text.as_bytes(), 0, false, true);
            prop_assert_eq!(is_plain_text(text.as_bytes()), is_plain(text.as_bytes()));
            if accepted && text.trim() == text {
                prop_assert_eq!(value_problem(&checker, Kind::Text, &text), None);
                if !is_plain(text.as_bytes()) {
                    prop_assert_eq!(value_problem(&checker, Kind::Digits, &text), None);
                }
            }
        }
    }

    #[test]
    fn codes_are_found_at_the_end_too() {
        let codes = CodeSet::new(&["AB", "ABC"].map(|code| short(code.as_bytes())));
        let quick = Quick::Codes(codes);
        let bytes = b"xABCD";
        assert!(quick.accepts(bytes, 1, 2, true) && quick.accepts(bytes, 1, 3, false));
        assert!(!quick.accepts(bytes, 1, 4, true) && !quick.accepts(bytes, 2, 2, true));
    }
}
