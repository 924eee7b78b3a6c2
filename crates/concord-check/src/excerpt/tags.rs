//! Which part of a line of XML is markup that says nothing of anybody.
//!
//! A line is looked at by itself: what it begins in the middle of is not known, and what stands on it need not be
//! well-formed. So only what is a whole tag beyond doubt is shown, and of it the names and the punctuation; all else,
//! be it text, a comment, a CDATA section or a tag with a fault, counts as a value.

/// Which bytes of a line are, or may be, values.
pub(super) fn values(line: &[u8]) -> Vec<bool> {
    let mut hidden = vec![true; line.len()];
    let mut scan = Scan {
        line,
        at: 0,
        shown: Vec::new(),
    };
    scan.spaces();
    if scan.attributes() > 0 && (scan.end(&[b"/>", b">"]) || scan.ended()) {
        // The rest of a tag that begins on a line before.
        scan.show(&mut hidden);
    } else {
        scan.at = 0;
    }
    // Text before a tag that the line does not end may be what the tag is a part of: `Smith <John`.
    let mut text = false;
    while let Some(found) = memchr::memchr(b'<', &line[scan.at..]) {
        let start = scan.at + found;
        text |= !line[scan.at..start].trim_ascii().is_empty();
        scan.at = start;
        scan.shown.clear();
        if scan.tag() && !(text && scan.ended_open()) {
            scan.show(&mut hidden);
        } else {
            text = true;
            scan.at = start + 1;
        }
    }
    hidden
}

/// Goes over a line and notes the spans that may be shown.
struct Scan<'l> {
    line: &'l [u8],
    at: usize,
    /// Starts and ends.
    shown: Vec<(usize, usize)>,
}

impl Scan<'_> {
    /// A tag, the declaration of XML, or the beginning of a start tag that goes on in the next line.
    fn tag(&mut self) -> bool {
        let start = self.at;
        self.at += 1;
        let declaration = self.line[start..].starts_with(b"<?xml ");
        if declaration || self.peek() == Some(b'/') {
            self.at += 1;
        }
        if !self.name() {
            return false;
        }
        self.shown.push((start, self.at));
        if !matches!(self.peek(), None | Some(b'/' | b'>' | b'?')) && self.spaces() == 0 {
            return false;
        }
        self.attributes();
        if declaration {
            self.end(&[b"?>"])
        } else {
            self.end(&[b"/>", b">"]) || self.ended()
        }
    }

    /// Attributes, and how many there are; their values stay hidden.
    fn attributes(&mut self) -> usize {
        let mut count = 0;
        loop {
            let start = self.at;
            if !self.name() {
                return count;
            }
            self.spaces();
            let named = self.at;
            let quote = (self.take(b"=")).then(|| {
                self.spaces();
                self.peek()
            });
            let Some(Some(quote @ (b'"' | b'\''))) = quote else {
                self.at = start;
                return count;
            };
            let value = self.at + 1;
            let Some(length) = memchr::memchr(quote, &self.line[value..]) else {
                self.at = start;
                return count;
            };
            let end = value + length;
            self.shown
                .extend([(start, named), (named, value), (end, end + 1)]);
            self.at = end + 1;
            self.spaces();
            count += 1;
        }
    }

    fn end(&mut self, ends: &[&[u8]]) -> bool {
        let start = self.at;
        let taken = ends.iter().any(|end| self.take(end));
        if taken {
            self.shown.push((start, self.at));
        }
        taken
    }

    fn name(&mut self) -> bool {
        let first = |byte: &u8| byte.is_ascii_alphabetic() || *byte == b'_' || !byte.is_ascii();
        let later = |byte: &u8| first(byte) || byte.is_ascii_digit() || b":-.".contains(byte);
        let rest = &self.line[self.at..];
        if !rest.first().is_some_and(first) {
            return false;
        }
        self.at += rest.iter().take_while(|byte| later(byte)).count();
        true
    }

    fn spaces(&mut self) -> usize {
        let rest = &self.line[self.at..];
        let count = rest.len() - rest.trim_ascii_start().len();
        self.at += count;
        count
    }

    fn take(&mut self, text: &[u8]) -> bool {
        let taken = self.line[self.at..].starts_with(text);
        if taken {
            self.at += text.len();
        }
        taken
    }

    fn peek(&self) -> Option<u8> {
        self.line.get(self.at).copied()
    }

    /// Whether the line has no more.
    fn ended(&self) -> bool {
        self.at == self.line.len()
    }

    /// Whether the line ends before the tag does.
    fn ended_open(&self) -> bool {
        self.ended() && self.line.last() != Some(&b'>')
    }

    fn show(&self, hidden: &mut [bool]) {
        for (start, end) in &self.shown {
            hidden[*start..*end].fill(false);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(line: &str) -> String {
        let hidden = values(line.as_bytes());
        let bytes = line.bytes().zip(hidden);
        bytes
            .map(|(byte, hide)| {
                if hide && byte != b' ' {
                    '*'
                } else {
                    char::from(byte)
                }
            })
            .collect()
    }

    #[test]
    fn names_of_clean_tags_are_shown_and_values_are_not() {
        for (line, expected) in [
            ("<A>Ann</A>", "<A>***</A>"),
            (" <n:A b=\"Ann\" c = 'X'/>", " <n:A b=\"***\" c = '*'/>"),
            ("<?xml version=\"1.0\"?><A>", "<?xml version=\"***\"?><A>"),
            ("<A", "<A"),
            (" <A b=\"Ann\"", " <A b=\"***\""),
            (" b=\"Ann\" c='X'>Ann</A>", " b=\"***\" c='*'>***</A>"),
            ("Ann\" c='X'><B>", "**** ******<B>"),
            ("</A >", "</A >"),
        ] {
            assert_eq!(shown(line), expected, "{line}");
        }
    }

    #[test]
    fn what_is_no_clean_tag_is_a_value() {
        for line in [
            "<![CDATA[Ann Smith]]>",
            "<!-- Ann <Smith -->",
            "<!--Ann",
            "Ann Smith-->",
            "<?note Ann Smith?>",
            "<A b=Ann c=Smith>",
            "Ann <Smith",
            "<Ann Smith</",
            "< Ann>",
            "<A b=\"Ann",
            "<A \"Ann\">",
            "<A Ann=>",
            "<A/Ann>",
            "<9990000018>",
            "<!DOCTYPE Ann>",
            "<!ENTITY a \"Ann\">",
            "Ann=\"Smith",
        ] {
            let shown = shown(line);
            assert!(
                !shown.contains("Ann") && !shown.contains("Smith") && !shown.contains("999"),
                "{line}: {shown}"
            );
        }
    }
}
