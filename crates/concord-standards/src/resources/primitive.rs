//! The primitive types of FHIR R4: how they are written (FHIR R4, data types, section 2.24.0.1), and what of it means nothing.

use std::sync::LazyLock;

/// A primitive type.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[allow(missing_docs)] // each is the published type of its name
pub enum Primitive {
    Base64Binary,
    Boolean,
    Canonical,
    Code,
    Date,
    DateTime,
    Decimal,
    Id,
    Instant,
    Integer,
    Markdown,
    Oid,
    PositiveInt,
    String,
    Time,
    UnsignedInt,
    Uri,
    Url,
    Uuid,
    Xhtml,
}

/// How values of a primitive type stand in JSON.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Written {
    /// As a string.
    String,
    /// As a number.
    Number,
    /// As `true` or `false`.
    Boolean,
}

/// What is wrong with a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PrimitiveFault {
    /// It is not written as values of the type are, which is so.
    #[error("expected {0}")]
    Form(&'static str),
    /// It is written as it should be, and there is no such day or time.
    #[error("there is no such day or time")]
    NoSuchTime,
    /// The number is beyond what the type can hold, which is this.
    #[error("expected {0}")]
    Range(&'static str),
    /// It has more characters than this.
    #[error("more than {0} characters")]
    Long(u64),
}

/// Longest string, in characters (FHIR R4, data types, string).
const LONGEST: u64 = 1 << 20;

static NAMES: [(&str, Primitive); 20] = [
    ("base64Binary", Primitive::Base64Binary),
    ("boolean", Primitive::Boolean),
    ("canonical", Primitive::Canonical),
    ("code", Primitive::Code),
    ("date", Primitive::Date),
    ("dateTime", Primitive::DateTime),
    ("decimal", Primitive::Decimal),
    ("id", Primitive::Id),
    ("instant", Primitive::Instant),
    ("integer", Primitive::Integer),
    ("markdown", Primitive::Markdown),
    ("oid", Primitive::Oid),
    ("positiveInt", Primitive::PositiveInt),
    ("string", Primitive::String),
    ("time", Primitive::Time),
    ("unsignedInt", Primitive::UnsignedInt),
    ("uri", Primitive::Uri),
    ("url", Primitive::Url),
    ("uuid", Primitive::Uuid),
    ("xhtml", Primitive::Xhtml),
];

/// Characters of which ids are made.
static OF_IDS: LazyLock<[bool; 256]> = LazyLock::new(|| {
    std::array::from_fn(|byte| {
        let byte = byte as u8;
        byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.')
    })
});

impl Primitive {
    /// The type of a name.
    pub fn named(name: &str) -> Option<Self> {
        let found = NAMES.iter().find(|(known, _)| *known == name);
        found.map(|(_, primitive)| *primitive)
    }

    /// Its name.
    pub fn name(self) -> &'static str {
        let found = NAMES.iter().find(|(_, known)| *known == self);
        found.map_or("", |(name, _)| *name)
    }

    /// How values stand in JSON.
    pub const fn written(self) -> Written {
        match self {
            Self::Boolean => Written::Boolean,
            Self::Decimal | Self::Integer | Self::PositiveInt | Self::UnsignedInt => {
                Written::Number
            }
            _ => Written::String,
        }
    }

    /// Whether values of it can say who somebody is, where nothing is known of their element: texts can, codes, numbers and
    /// days by themselves do not.
    pub const fn is_free(self) -> bool {
        matches!(
            self,
            Self::Base64Binary
                | Self::Id
                | Self::Markdown
                | Self::String
                | Self::Url
                | Self::Uuid
                | Self::Xhtml
        )
    }

    /// What is wrong with a value; `text` is what a string says, or a number as it is written. That a string is not empty,
    /// and what stands in XHTML, is for somebody else to see.
    ///
    /// # Errors
    /// [`PrimitiveFault`] when it is no value of this type.
    pub fn check(self, text: &str) -> Result<(), PrimitiveFault> {
        match self {
            Self::Boolean | Self::Decimal | Self::Xhtml => Ok(()),
            Self::Integer => integer(text, i64::from(i32::MIN), "a whole number of 32 bits"),
            Self::UnsignedInt => integer(text, 0, "a whole number from 0 to 2,147,483,647"),
            Self::PositiveInt => integer(text, 1, "a whole number from 1 to 2,147,483,647"),
            Self::String | Self::Markdown => string(text),
            Self::Id => id(text),
            Self::Code => code(text),
            Self::Uri | Self::Url | Self::Canonical => {
                let blank = text.contains(char::is_whitespace);
                form(!blank, "a URI, in which no blank stands")
            }
            Self::Oid => form(
                is_oid(text),
                "urn:oid: and numbers with points between them",
            ),
            Self::Uuid => form(is_uuid(text), "urn:uuid: and a UUID in lower case"),
            Self::Base64Binary => form(is_base64(text), "base64 (RFC 4648, section 4)"),
            Self::Date => date(text.as_bytes()),
            Self::DateTime => date_time(text.as_bytes()),
            Self::Instant => instant(text.as_bytes()),
            Self::Time => time(text.as_bytes()),
        }
    }
}

fn form(fits: bool, wanted: &'static str) -> Result<(), PrimitiveFault> {
    if fits {
        Ok(())
    } else {
        Err(PrimitiveFault::Form(wanted))
    }
}

fn string(text: &str) -> Result<(), PrimitiveFault> {
    if text.len() as u64 > LONGEST && text.chars().count() as u64 > LONGEST {
        return Err(PrimitiveFault::Long(LONGEST));
    }
    let hidden = |byte: u8| byte < 0x20 && !matches!(byte, b'\t' | b'\n' | b'\r');
    form(
        !text.bytes().any(hidden),
        "text without control characters other than tab and line ends",
    )
}

fn id(text: &str) -> Result<(), PrimitiveFault> {
    let of_ids = &*OF_IDS;
    let fits = text.len() <= 64 && text.bytes().all(|byte| of_ids[usize::from(byte)]);
    form(
        fits,
        "up to 64 letters (A-Z, a-z), digits, hyphens and points",
    )
}

/// No blanks at either end, and no two of them together.
fn code(text: &str) -> Result<(), PrimitiveFault> {
    let mut before = true;
    for character in text.chars() {
        let blank = character.is_whitespace();
        if blank && before {
            before = true;
            break;
        }
        before = blank;
    }
    form(
        !before,
        "a code, without blanks at its ends and with single ones inside",
    )
}

/// A whole number as it is written in JSON, from `least` to what 32 bits hold.
fn integer(text: &str, least: i64, wanted: &'static str) -> Result<(), PrimitiveFault> {
    let digits = text.strip_prefix('-').unwrap_or(text);
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(PrimitiveFault::Form(wanted));
    }
    match text.parse::<i64>() {
        Ok(number) if (least..=i64::from(i32::MAX)).contains(&number) => Ok(()),
        _ => Err(PrimitiveFault::Range(wanted)),
    }
}

fn is_oid(text: &str) -> bool {
    let Some(numbers) = text.strip_prefix("urn:oid:") else {
        return false;
    };
    let mut parts = numbers.split('.');
    let first = parts
        .next()
        .is_some_and(|first| matches!(first, "0" | "1" | "2"));
    let number = |part: &str| {
        let digits = !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
        digits && (part == "0" || !part.starts_with('0'))
    };
    let mut rest = parts.peekable();
    first && rest.peek().is_some() && rest.all(number)
}

fn is_uuid(text: &str) -> bool {
    let Some(uuid) = text.strip_prefix("urn:uuid:") else {
        return false;
    };
    uuid.len() == 36
        && uuid.bytes().enumerate().all(|(at, byte)| match at {
            8 | 13 | 18 | 23 => byte == b'-',
            _ => matches!(byte, b'0'..=b'9' | b'a'..=b'f'),
        })
}

/// Groups of four characters, blanks anywhere between them; the last may be filled up with `=`.
fn is_base64(text: &str) -> bool {
    let (mut characters, mut filled) = (0_usize, 0_usize);
    for byte in text.bytes() {
        match byte {
            b' ' | b'\t' | b'\r' | b'\n' => {}
            b'=' => filled += 1,
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'+' | b'/' if filled == 0 => characters += 1,
            _ => return false,
        }
    }
    filled <= 2 && (characters + filled).is_multiple_of(4) && characters > 0
}

const DATE: &str = "a day (YYYY-MM-DD), month (YYYY-MM) or year (YYYY)";
const DATE_TIME: &str =
    "a year, month or day, or a day with time and zone (YYYY-MM-DDThh:mm:ss+zz:zz)";
const INSTANT: &str = "a day with time, seconds and zone (YYYY-MM-DDThh:mm:ss.sss+zz:zz)";
const TIME: &str = "a time of day (hh:mm:ss)";

fn date(text: &[u8]) -> Result<(), PrimitiveFault> {
    match day(text).ok_or(PrimitiveFault::Form(DATE))? {
        ([], exists, _) => exists_or(exists),
        _ => Err(PrimitiveFault::Form(DATE)),
    }
}

fn date_time(text: &[u8]) -> Result<(), PrimitiveFault> {
    let wanted = PrimitiveFault::Form(DATE_TIME);
    match day(text).ok_or(wanted)? {
        ([], exists, _) => exists_or(exists),
        ([b'T', clock @ ..], exists, true) => exists_or(exists & zoned(clock).ok_or(wanted)?),
        _ => Err(wanted),
    }
}

fn instant(text: &[u8]) -> Result<(), PrimitiveFault> {
    let wanted = PrimitiveFault::Form(INSTANT);
    match day(text).ok_or(wanted)? {
        ([b'T', clock @ ..], exists, true) => exists_or(exists & zoned(clock).ok_or(wanted)?),
        _ => Err(wanted),
    }
}

fn time(text: &[u8]) -> Result<(), PrimitiveFault> {
    match clock(text).ok_or(PrimitiveFault::Form(TIME))? {
        ([], exists) => exists_or(exists),
        _ => Err(PrimitiveFault::Form(TIME)),
    }
}

fn exists_or(exists: bool) -> Result<(), PrimitiveFault> {
    if exists {
        Ok(())
    } else {
        Err(PrimitiveFault::NoSuchTime)
    }
}

/// A year, month or day: what stands behind it, whether there is one, and whether it is a day.
fn day(text: &[u8]) -> Option<(&[u8], bool, bool)> {
    let (year, rest) = number(text, 4)?;
    let Some(rest) = rest.strip_prefix(b"-") else {
        return Some((rest, year > 0, false));
    };
    let (month, rest) = number(rest, 2)?;
    let known = (1..=12).contains(&month) && year > 0;
    let Some(rest) = rest.strip_prefix(b"-") else {
        return Some((rest, known, false));
    };
    let (day, rest) = number(rest, 2)?;
    let (year, month, day) = (year as i16, month as i8, day as i8);
    let exists = known && jiff::civil::Date::new(year, month, day).is_ok();
    Some((rest, exists, true))
}

/// A time of day, and what stands behind it. Seconds may be 60, as in a minute with a leap second.
fn clock(text: &[u8]) -> Option<(&[u8], bool)> {
    let (hour, rest) = number(text, 2)?;
    let (minute, rest) = number(rest.strip_prefix(b":")?, 2)?;
    let (second, mut rest) = number(rest.strip_prefix(b":")?, 2)?;
    if let Some(fraction) = rest.strip_prefix(b".") {
        let digits = fraction.iter().take_while(|byte| byte.is_ascii_digit());
        let digits = digits.count();
        if digits == 0 {
            return None;
        }
        rest = &fraction[digits..];
    }
    Some((rest, hour < 24 && minute < 60 && second <= 60))
}

/// A time of day with its zone, which is up to 14 hours from UTC, and nothing behind it.
fn zoned(text: &[u8]) -> Option<bool> {
    let (zone, exists) = clock(text)?;
    match zone {
        b"Z" => Some(exists),
        [b'+' | b'-', offset @ ..] => {
            let (hours, rest) = number(offset, 2)?;
            let (minutes, rest) = number(rest.strip_prefix(b":")?, 2)?;
            let known = hours < 14 && minutes < 60 || hours == 14 && minutes == 0;
            rest.is_empty().then_some(exists && known)
        }
        _ => None,
    }
}

/// A number of so many digits, and what stands behind it.
fn number(text: &[u8], digits: usize) -> Option<(u32, &[u8])> {
    let (number, rest) = text.split_at_checked(digits)?;
    let mut value = 0;
    for digit in number {
        if !digit.is_ascii_digit() {
            return None;
        }
        value = value * 10 + u32::from(digit - b'0');
    }
    Some((value, rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn verdicts(primitive: Primitive, right: &[&str], wrong: &[&str]) {
        for text in right {
            assert_eq!(primitive.check(text), Ok(()), "{primitive:?} {text}");
        }
        for text in wrong {
            assert!(primitive.check(text).is_err(), "{primitive:?} {text}");
        }
    }

    #[test]
    fn values_are_written_as_published() {
        use Primitive::{
            Base64Binary, Code, Date, DateTime, Id, Instant, Integer, Oid, PositiveInt, Time,
            UnsignedInt, Uri, Uuid,
        };
        verdicts(
            Date,
            &["2024", "2024-02", "2024-02-29"],
            &[
                "24",
                "2023-02-29",
                "2024-13",
                "2024-2-1",
                "2024-02-29T00:00:00Z",
                "0000",
            ],
        );
        verdicts(
            DateTime,
            &[
                "2024",
                "2024-02-29",
                "2024-02-29T23:59:60.5Z",
                "2024-02-29T00:00:00+14:00",
            ],
            &[
                "2024-02T00:00:00Z",
                "2024-02-29T00:00:00",
                "2024-02-29T24:00:00Z",
                "2024-02-29T00:00Z",
                "2024-02-29 00:00:00Z",
                "2024-02-29T00:00:00+15:00",
            ],
        );
        verdicts(
            Instant,
            &["2024-02-29T00:00:00.000Z"],
            &["2024-02-29", "2024"],
        );
        verdicts(
            Time,
            &["23:59:59", "00:00:00.1"],
            &["24:00:00", "12:00", "12:00:00Z", "12:00:00."],
        );
        verdicts(Id, &["a", "A-1.b"], &["a_b", "é", &"a".repeat(65)]);
        verdicts(Code, &["a", "a b"], &[" a", "a ", "a  b", ""]);
        verdicts(
            Integer,
            &["0", "-1", "2147483647"],
            &["1.0", "1e3", "2147483648", "-2147483649"],
        );
        verdicts(UnsignedInt, &["0"], &["-1"]);
        verdicts(PositiveInt, &["1"], &["0", "99999999999999999999999"]);
        verdicts(
            Oid,
            &["urn:oid:2.16.840"],
            &["urn:oid:2", "2.16", "urn:oid:3.1", "urn:oid:1.01"],
        );
        verdicts(
            Uuid,
            &["urn:uuid:c757873d-ec9a-4326-a141-556f43239520"],
            &[
                "urn:uuid:C757873D-ec9a-4326-a141-556f43239520",
                "c757873d-ec9a-4326-a141-556f43239520",
            ],
        );
        verdicts(Uri, &["http://a/b", "urn:x", "#a"], &["a b", "a\u{a0}b"]);
        verdicts(
            Base64Binary,
            &["YQ==", "YWJj YWJj"],
            &["YQ=", "Y", "====", "YQ==YQ=="],
        );
    }

    #[test]
    fn what_is_wrong_is_told() {
        assert_eq!(
            Primitive::Date.check("2023-02-29"),
            Err(PrimitiveFault::NoSuchTime)
        );
        assert!(matches!(
            Primitive::PositiveInt.check("0"),
            Err(PrimitiveFault::Range(_))
        ));
        assert!(matches!(
            Primitive::String.check("a\u{1}"),
            Err(PrimitiveFault::Form(_))
        ));
        assert_eq!(Primitive::String.check(&"é".repeat(1 << 20)), Ok(()));
        assert_eq!(
            Primitive::String.check(&"é".repeat((1 << 20) + 1)),
            Err(PrimitiveFault::Long(1 << 20))
        );
        for (name, primitive) in NAMES {
            assert_eq!(
                (Primitive::named(name), primitive.name()),
                (Some(primitive), name)
            );
        }
    }
}
