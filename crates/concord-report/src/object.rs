//! A JSON object written field by field: what is written once for each finding, of which there can be millions.
//!
//! It gives the bytes that [`line::value`](crate::line::value) gives of the same fields.

use std::io;

use crate::escape::is_steering;
use crate::line;

/// An object that is being written.
pub(crate) struct Object<'o> {
    out: &'o mut Vec<u8>,
    empty: bool,
}

impl<'o> Object<'o> {
    /// Begins an object.
    pub(crate) fn new(out: &'o mut Vec<u8>) -> Self {
        out.push(b'{');
        Self { out, empty: true }
    }

    /// Ends it.
    pub(crate) fn end(self) {
        self.out.push(b'}');
    }

    /// A field that is an object itself.
    pub(crate) fn object(&mut self, name: &str) -> io::Result<Object<'_>> {
        self.name(name)?;
        Ok(Object::new(self.out))
    }

    /// A field of text.
    pub(crate) fn text(&mut self, name: &str, text: &str) -> io::Result<()> {
        self.name(name)?;
        string(self.out, text)
    }

    /// A field of text, or `null`.
    pub(crate) fn text_or_null(&mut self, name: &str, text: Option<&str>) -> io::Result<()> {
        self.name(name)?;
        match text {
            Some(text) => string(self.out, text)?,
            None => self.out.extend_from_slice(b"null"),
        }
        Ok(())
    }

    /// A field that is a number, or `null`.
    pub(crate) fn number_or_null(&mut self, name: &str, number: Option<u64>) -> io::Result<()> {
        self.name(name)?;
        match number {
            Some(number) => digits(self.out, number),
            None => self.out.extend_from_slice(b"null"),
        }
        Ok(())
    }

    /// A field that is `true` or `false`.
    pub(crate) fn truth(&mut self, name: &str, is: bool) -> io::Result<()> {
        self.name(name)?;
        let word: &[u8] = if is { b"true" } else { b"false" };
        self.out.extend_from_slice(word);
        Ok(())
    }

    fn name(&mut self, name: &str) -> io::Result<()> {
        if !std::mem::replace(&mut self.empty, false) {
            self.out.push(b',');
        }
        string(self.out, name)?;
        self.out.push(b':');
        Ok(())
    }
}

/// Writes a text as a string.
fn string(out: &mut Vec<u8>, text: &str) -> io::Result<()> {
    if !stands_for_itself(text) {
        return line::value(out, &text);
    }
    out.push(b'"');
    out.extend_from_slice(text.as_bytes());
    out.push(b'"');
    Ok(())
}

/// Whether nothing of a text is escaped.
fn stands_for_itself(text: &str) -> bool {
    // Numbers instead of truths, without an early end, so that the compiler makes vector instructions of it.
    let (escaped, wide) = text.bytes().fold((0, 0), |(escaped, wide), byte| {
        let escapes = u8::from(byte < b' ') | u8::from(byte == b'"') | u8::from(byte == b'\\');
        (escaped | escapes, wide | u8::from(byte >= 0x7f))
    });
    escaped == 0 && (wide == 0 || !text.chars().any(is_steering))
}

fn digits(out: &mut Vec<u8>, number: u64) {
    let mut text = [0; 20];
    let (mut at, mut rest) = (text.len(), number);
    loop {
        at -= 1;
        text[at] = b'0' + (rest % 10) as u8;
        rest /= 10;
        if rest == 0 {
            break;
        }
    }
    out.extend_from_slice(&text[at..]);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_written_as_any_other_value_is() {
        let texts = [
            "",
            "plain",
            "a \"b\" \\c",
            "line\nend\u{7f}",
            "Zoë 999•••••19",
            "\u{1b}[2J\u{9b}\u{202e}",
            "\u{10ffff}",
        ];
        for text in texts {
            for number in [0, 7, 10, 9_876_543_210, u64::MAX] {
                let mut out = Vec::new();
                let mut object = Object::new(&mut out);
                object.text("t", text).expect("memory");
                object.text_or_null(text, None).expect("memory");
                object.text_or_null("u", Some(text)).expect("memory");
                object.number_or_null("n", Some(number)).expect("memory");
                object.number_or_null("m", None).expect("memory");
                object.truth("yes", number > 7).expect("memory");
                object.object("none").expect("memory").end();
                object.end();
                let fields: Vec<Vec<u8>> = [text, "t", "u"]
                    .iter()
                    .map(|text| {
                        let mut out = Vec::new();
                        line::value(&mut out, text).expect("memory");
                        out
                    })
                    .collect();
                let field = |number: usize| String::from_utf8_lossy(&fields[number]);
                let expected = format!(
                    "{{{}:{text},{text}:null,{}:{text},\"n\":{number},\"m\":null,\"yes\":{},\"none\":{{}}}}",
                    field(1),
                    field(2),
                    number > 7,
                    text = field(0),
                );
                assert_eq!(String::from_utf8_lossy(&out), expected);
            }
        }
    }
}
