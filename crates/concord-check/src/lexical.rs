//! The characters, names, references and attributes of XML 1.0, where a tokeniser is more lenient than the recommendation.

use std::borrow::Cow;

use quick_xml::events::Event;

/// Something that is not well-formed, at a byte offset from the start of the text that was looked at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Malformed {
    /// Where.
    pub(crate) offset: usize,
    /// What.
    pub(crate) reason: Cow<'static, str>,
}

impl Malformed {
    fn new(offset: usize, reason: impl Into<Cow<'static, str>>) -> Self {
        Self {
            offset,
            reason: reason.into(),
        }
    }
}

/// An attribute as it is written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct RawAttribute<'t> {
    /// Name with its prefix.
    pub(crate) name: &'t str,
    /// Value between the quotes.
    pub(crate) value: &'t str,
    /// Offset of the name.
    pub(crate) offset: usize,
    /// Offset of the value.
    pub(crate) value_offset: usize,
}

/// Production 4, `NameStartChar`.
fn is_name_start(character: char) -> bool {
    matches!(character, ':' | '_' | 'A'..='Z' | 'a'..='z'
        | '\u{C0}'..='\u{D6}' | '\u{D8}'..='\u{F6}' | '\u{F8}'..='\u{2FF}' | '\u{370}'..='\u{37D}'
        | '\u{37F}'..='\u{1FFF}' | '\u{200C}'..='\u{200D}' | '\u{2070}'..='\u{218F}'
        | '\u{2C00}'..='\u{2FEF}' | '\u{3001}'..='\u{D7FF}' | '\u{F900}'..='\u{FDCF}'
        | '\u{FDF0}'..='\u{FFFD}' | '\u{10000}'..='\u{EFFFF}')
}

/// Production 4a, `NameChar`.
fn is_name_character(character: char) -> bool {
    is_name_start(character)
        || matches!(character, '-' | '.' | '0'..='9' | '\u{B7}' | '\u{300}'..='\u{36F}' | '\u{203F}'..='\u{2040}')
}

/// Whether a text is a name (production 5).
pub(crate) fn is_name(text: &str) -> bool {
    let mut characters = text.chars();
    characters.next().is_some_and(is_name_start) && characters.all(is_name_character)
}

/// Whether a text is a qualified name of *Namespaces in XML*: one or two names without colons.
pub(crate) fn is_qualified_name(text: &str) -> bool {
    match text.split_once(':') {
        None => is_name(text),
        Some((prefix, local)) => is_name(prefix) && is_name(local) && !local.contains(':'),
    }
}

/// Blank, tab, line feed, carriage return (production 3).
pub(crate) const fn is_space(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\n' | b'\r')
}

/// Offset of the first character that XML 1.0 forbids (production 2).
pub(crate) fn forbidden_character(text: &str) -> Option<usize> {
    let bytes = text.as_bytes();
    bytes.iter().enumerate().find_map(|(index, byte)| {
        let control = *byte < 0x20 && !is_space(*byte);
        let not_a_character = *byte == 0xEF
            && bytes.get(index + 1) == Some(&0xBF)
            && matches!(bytes.get(index + 2), Some(0xBE | 0xBF));
        (control || not_a_character).then_some(index)
    })
}

/// The character of a reference without its `&` and `;`.
pub(crate) fn reference(name: &str) -> Option<char> {
    match name {
        "amp" => Some('&'),
        "lt" => Some('<'),
        "gt" => Some('>'),
        "apos" => Some('\''),
        "quot" => Some('"'),
        _ => {
            let number = name.strip_prefix('#')?;
            let (digits, radix) = match number.strip_prefix('x') {
                Some(digits) => (digits, 16),
                None => (number, 10),
            };
            if digits.is_empty() || !digits.chars().all(|digit| digit.is_digit(radix)) {
                return None;
            }
            let character = char::from_u32(u32::from_str_radix(digits, radix).ok()?)?;
            let mut buffer = [0; 4];
            forbidden_character(character.encode_utf8(&mut buffer))
                .is_none()
                .then_some(character)
        }
    }
}

/// Line ends as XML 1.0, 2.11 wants them: a line feed each.
pub(crate) fn line_ends(text: &str) -> Cow<'_, str> {
    if text.contains('\r') {
        Cow::Owned(text.replace("\r\n", "\n").replace('\r', "\n"))
    } else {
        Cow::Borrowed(text)
    }
}

/// The text of an element between two pieces of markup: references resolved, line ends normalised.
pub(crate) fn decode_text(raw: &str) -> Result<Cow<'_, str>, Malformed> {
    if let Some(offset) = forbidden_character(raw) {
        return Err(Malformed::new(
            offset,
            "a character that XML does not allow",
        ));
    }
    if let Some(offset) = raw.find("]]>") {
        return Err(Malformed::new(offset, "`]]>` must not stand in text"));
    }
    decode_references(raw, |text, out| out.push_str(&line_ends(text)))
        .map(|decoded| decoded.unwrap_or_else(|| line_ends(raw)))
}

/// The text of an element's content that holds no elements, as a parser gives it: without comments, CDATA sections opened,
/// references resolved, and blanks at its ends left away.
pub(crate) fn plain(written: &str) -> String {
    let mut reader = quick_xml::Reader::from_str(written);
    let mut text = String::new();
    loop {
        match reader.read_event() {
            Ok(Event::Text(part)) => text.push_str(&line_ends(&part)),
            Ok(Event::CData(part)) => text.push_str(&line_ends(&part)),
            Ok(Event::GeneralRef(name)) => text.extend(reference(&name)),
            Ok(Event::Eof) | Err(_) => break,
            Ok(_) => {}
        }
    }
    text.trim_ascii().to_owned()
}

/// The value of an attribute: references resolved, white space turned to blanks (XML 1.0, 3.3.3).
pub(crate) fn decode_attribute(raw: &str) -> Result<Cow<'_, str>, Malformed> {
    if let Some(offset) = raw.find('<') {
        return Err(Malformed::new(
            offset,
            "`<` must not stand in the value of an attribute",
        ));
    }
    if let Some(offset) = forbidden_character(raw) {
        return Err(Malformed::new(
            offset,
            "a character that XML does not allow",
        ));
    }
    let decoded = decode_references(raw, blanks)?;
    Ok(match decoded {
        Some(text) => text,
        None if raw.bytes().any(|byte| byte != b' ' && is_space(byte)) => {
            let mut out = String::with_capacity(raw.len());
            blanks(raw, &mut out);
            Cow::Owned(out)
        }
        None => Cow::Borrowed(raw),
    })
}

/// Adds text with its white space turned to blanks.
fn blanks(text: &str, out: &mut String) {
    out.extend(line_ends(text).chars().map(|character| match character {
        '\t' | '\n' | '\r' => ' ',
        other => other,
    }));
}

/// `None` when there is nothing to resolve.
fn decode_references(
    raw: &str,
    mut plain: impl FnMut(&str, &mut String),
) -> Result<Option<Cow<'_, str>>, Malformed> {
    if !raw.contains('&') {
        return Ok(None);
    }
    let mut out = String::with_capacity(raw.len());
    let mut at = 0;
    while let Some(found) = raw[at..].find('&') {
        plain(&raw[at..at + found], &mut out);
        let start = at + found;
        let rest = &raw[start + 1..];
        let Some(end) = rest.find(';') else {
            return Err(Malformed::new(
                start,
                "`&` begins a reference that does not end: write `&amp;`",
            ));
        };
        let name = &rest[..end];
        match reference(name) {
            Some(character) => out.push(character),
            None if is_name(name) => {
                return Err(Malformed::new(
                    start,
                    format!("the entity `&{name};` is not defined"),
                ));
            }
            None => {
                return Err(Malformed::new(
                    start,
                    "`&` does not begin a reference: write `&amp;`",
                ));
            }
        }
        at = start + end + 2;
    }
    plain(&raw[at..], &mut out);
    Ok(Some(Cow::Owned(out)))
}

/// The attributes in what stands between an element's name and the end of its tag.
pub(crate) fn attributes(
    text: &str,
    most: usize,
) -> Result<Vec<RawAttribute<'_>>, AttributesError> {
    let bytes = text.as_bytes();
    let mut attributes: Vec<RawAttribute<'_>> = Vec::new();
    let mut at = 0;
    loop {
        let spaces = bytes[at..]
            .iter()
            .take_while(|byte| is_space(**byte))
            .count();
        at += spaces;
        if at == bytes.len() {
            return Ok(attributes);
        }
        if spaces == 0 {
            return Err(Malformed::new(at, "a blank is missing before an attribute").into());
        }
        let offset = at;
        let length = bytes[at..]
            .iter()
            .take_while(|byte| !is_space(**byte) && **byte != b'=')
            .count();
        let name = &text[at..at + length];
        if !is_qualified_name(name) {
            return Err(Malformed::new(at, "this is not the name of an attribute").into());
        }
        at += length;
        at += bytes[at..]
            .iter()
            .take_while(|byte| is_space(**byte))
            .count();
        if bytes.get(at) != Some(&b'=') {
            return Err(Malformed::new(at, format!("the attribute `{name}` has no value")).into());
        }
        at += 1;
        at += bytes[at..]
            .iter()
            .take_while(|byte| is_space(**byte))
            .count();
        let quote = match bytes.get(at) {
            Some(quote @ (b'"' | b'\'')) => *quote,
            _ => {
                return Err(
                    Malformed::new(at, format!("the value of `{name}` is not in quotes")).into(),
                );
            }
        };
        at += 1;
        let Some(length) = memchr::memchr(quote, &bytes[at..]) else {
            return Err(
                Malformed::new(at, format!("the value of `{name}` has no closing quote")).into(),
            );
        };
        if attributes.iter().any(|known| known.name == name) {
            return Err(
                Malformed::new(offset, format!("the attribute `{name}` stands twice")).into(),
            );
        }
        if attributes.len() == most {
            return Err(AttributesError::TooMany(offset));
        }
        attributes.push(RawAttribute {
            name,
            value: &text[at..at + length],
            offset,
            value_offset: at,
        });
        at += length + 1;
    }
}

/// Why attributes could not be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum AttributesError {
    /// They are not well-formed.
    Malformed(Malformed),
    /// There are more than the limit; the offset of the first beyond it.
    TooMany(usize),
}

impl From<Malformed> for AttributesError {
    fn from(malformed: Malformed) -> Self {
        Self::Malformed(malformed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_decoded() {
        assert_eq!(
            decode_text("O&apos;Neill &#38; Co").as_deref(),
            Ok("O'Neill & Co")
        );
        assert_eq!(decode_text("a\r\nb\rc").as_deref(), Ok("a\nb\nc"));
        assert_eq!(
            decode_text("a &nbsp; b").map_err(|error| error.offset),
            Err(2)
        );
        assert_eq!(decode_text("a & b").map_err(|error| error.offset), Err(2));
        assert!(decode_text("a ]]> b").is_err());
        assert!(decode_text("a &#0; b").is_err());
        assert!(decode_text("\u{1}").is_err());
    }

    #[test]
    fn attribute_values_are_normalised() {
        assert_eq!(decode_attribute("a\tb\r\nc&#10;").as_deref(), Ok("a b c\n"));
        assert!(decode_attribute("a<b").is_err());
    }

    #[test]
    fn attributes_are_read() {
        let read = attributes(" a='1'  b = \"2\" ", 9).expect("two attributes");
        assert_eq!(
            read.iter().map(|a| (a.name, a.value)).collect::<Vec<_>>(),
            [("a", "1"), ("b", "2")]
        );
        for bad in [
            " a",
            " a=1",
            " a='1'b='2'",
            " a='1' a='2'",
            " 1='2'",
            " a='1",
            "a='1'",
        ] {
            assert!(attributes(bad, 9).is_err(), "{bad}");
        }
        assert_eq!(
            attributes(" a='1' b='2'", 1),
            Err(AttributesError::TooMany(7))
        );
    }

    #[test]
    fn names() {
        assert!(is_qualified_name("cds:NHSNumber") && is_qualified_name("é-1"));
        for bad in ["", ":a", "a:", "a:b:c", "1a", "a b", "-a"] {
            assert!(!is_qualified_name(bad), "{bad}");
        }
    }
}
