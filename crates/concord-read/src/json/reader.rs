//! The grammar of JSON (RFC 8259), one step at a time.

use super::fault::{Fault, FaultKind};
use super::text::{Span, Text};

/// What kind of value begins somewhere.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// `{`
    Object,
    /// `[`
    Array,
    /// `"`
    String,
    /// A digit or `-`.
    Number,
    /// `true` or `false`.
    Boolean,
    /// `null`
    Null,
}

impl Kind {
    /// What it is called, with its article.
    pub const fn called(self) -> &'static str {
        match self {
            Self::Object => "an object",
            Self::Array => "an array",
            Self::String => "a string",
            Self::Number => "a number",
            Self::Boolean => "true or false",
            Self::Null => "null",
        }
    }
}

/// Reads JSON forwards. What is asked for must be what [`Reader::kind`] said stands there; anything else is a [`Fault`], and
/// after one the reader is of no more use.
///
/// ```
/// use concord_read::json::{Kind, Reader};
///
/// let bytes = br#"{"status": "finished", "rank": 1.50}"#;
/// let mut reader = Reader::new(bytes, 0);
/// reader.open_object()?;
/// let name = reader.member(true)?.expect("there is a member");
/// assert!(name.is(bytes, "status") && reader.kind()? == Kind::String);
/// assert_eq!(reader.string()?.says(bytes), "finished");
/// let name = reader.member(false)?.expect("there is another one");
/// assert_eq!((name.span.start, reader.number()?.of(bytes)), (24, &b"1.50"[..]));
/// assert_eq!(reader.member(false)?, None);
/// reader.end()?;
/// # Ok::<(), concord_read::json::Fault>(())
/// ```
#[derive(Debug, Clone)]
pub struct Reader<'b> {
    bytes: &'b [u8],
    at: usize,
}

impl<'b> Reader<'b> {
    /// Reads `bytes` from `at` on.
    pub fn new(bytes: &'b [u8], at: usize) -> Self {
        Self { bytes, at }
    }

    /// The bytes that it reads.
    pub fn bytes(&self) -> &'b [u8] {
        self.bytes
    }

    /// Where it stands: at the next value, once [`Reader::kind`] has been asked.
    pub fn at(&self) -> usize {
        self.at
    }

    /// What kind of value comes next.
    ///
    /// # Errors
    /// [`Fault`] when none does.
    #[inline]
    pub fn kind(&mut self) -> Result<Kind, Fault> {
        match self.next() {
            Some(b'{') => Ok(Kind::Object),
            Some(b'[') => Ok(Kind::Array),
            Some(b'"') => Ok(Kind::String),
            Some(b'-' | b'0'..=b'9') => Ok(Kind::Number),
            Some(b't' | b'f') => Ok(Kind::Boolean),
            Some(b'n') => Ok(Kind::Null),
            Some(_) => Err(self.wanted("a value")),
            None => Err(self.ended()),
        }
    }

    /// Goes into an object.
    ///
    /// # Errors
    /// [`Fault`] when none begins here.
    #[inline]
    pub fn open_object(&mut self) -> Result<(), Fault> {
        self.take(b'{', "an object")
    }

    /// Goes into an array.
    ///
    /// # Errors
    /// [`Fault`] when none begins here.
    #[inline]
    pub fn open_array(&mut self) -> Result<(), Fault> {
        self.take(b'[', "an array")
    }

    /// The name of the next member of the object that the reader is in, whose value then comes next; `None` at the end of
    /// the object. `first` says that it has had no member yet.
    ///
    /// # Errors
    /// [`Fault`] when neither stands there.
    #[inline]
    pub fn member(&mut self, first: bool) -> Result<Option<Text>, Fault> {
        match self.next() {
            Some(b'}') => {
                self.at += 1;
                return Ok(None);
            }
            Some(b',') if !first => {
                self.at += 1;
                self.next();
            }
            Some(b'"') if first => {}
            None => return Err(self.ended()),
            Some(_) if first => {
                return Err(self.wanted("a name in quotes, or the end of the object"));
            }
            Some(_) => return Err(self.wanted("a comma, or the end of the object")),
        }
        if self.bytes.get(self.at).is_some_and(|byte| *byte != b'"') {
            return Err(self.wanted("a name in quotes"));
        }
        let name = self.string()?;
        self.take(b':', "a colon")?;
        Ok(Some(name))
    }

    /// Whether the array that the reader is in has a further item, which then comes next. `first` says that it has had none
    /// yet.
    ///
    /// # Errors
    /// [`Fault`] when neither an item nor the end of the array stands there.
    #[inline]
    pub fn item(&mut self, first: bool) -> Result<bool, Fault> {
        match self.next() {
            Some(b']') => {
                self.at += 1;
                Ok(false)
            }
            Some(b',') if !first => {
                self.at += 1;
                Ok(true)
            }
            Some(_) if first => Ok(true),
            None => Err(self.ended()),
            Some(_) => Err(self.wanted("a comma, or the end of the array")),
        }
    }

    /// A string.
    ///
    /// # Errors
    /// [`Fault`] when none stands here, or it is not written as one.
    #[inline]
    pub fn string(&mut self) -> Result<Text, Fault> {
        self.take(b'"', "a string")?;
        let start = self.at;
        let mut escaped = false;
        loop {
            match self.bytes.get(self.at) {
                Some(b'"') => {
                    let span = Span {
                        start,
                        end: self.at,
                    };
                    self.at += 1;
                    return Ok(Text { span, escaped });
                }
                Some(b'\\') => {
                    escaped = true;
                    self.escape()?;
                }
                Some(0..0x20) => return Err(self.fault(FaultKind::Control)),
                Some(_) => self.at += 1,
                None => return Err(self.ended()),
            }
        }
    }

    /// An escape, at whose backslash the reader stands.
    fn escape(&mut self) -> Result<(), Fault> {
        let start = self.at;
        match self.bytes.get(self.at + 1) {
            Some(b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't') => {
                self.at += 2;
                Ok(())
            }
            Some(b'u') => {
                let surrogate = Fault {
                    at: start,
                    kind: FaultKind::Surrogate,
                };
                match self.unit()? {
                    0xd800..0xdc00 => {
                        let rest = &self.bytes[self.at..];
                        if b"\\u".starts_with(rest) && rest.len() < 2 {
                            self.at = self.bytes.len();
                            return Err(self.ended());
                        }
                        if !rest.starts_with(b"\\u") {
                            return Err(surrogate);
                        }
                        match self.unit()? {
                            0xdc00..0xe000 => Ok(()),
                            _ => Err(surrogate),
                        }
                    }
                    0xdc00..0xe000 => Err(surrogate),
                    _ => Ok(()),
                }
            }
            Some(_) => Err(self.fault(FaultKind::Escape)),
            None => {
                self.at += 1;
                Err(self.ended())
            }
        }
    }

    /// The number of a `\uXXXX`.
    fn unit(&mut self) -> Result<u32, Fault> {
        let mut unit = 0;
        for at in self.at + 2..self.at + 6 {
            let Some(byte) = self.bytes.get(at) else {
                self.at = self.bytes.len();
                return Err(self.ended());
            };
            let Some(digit) = char::from(*byte).to_digit(16) else {
                return Err(self.fault(FaultKind::Escape));
            };
            unit = unit * 16 + digit;
        }
        self.at += 6;
        Ok(unit)
    }

    /// A number, as it is written.
    ///
    /// # Errors
    /// [`Fault`] when none stands here, or it is not written as one.
    pub fn number(&mut self) -> Result<Span, Fault> {
        self.next();
        let start = self.at;
        self.at += usize::from(self.bytes.get(self.at) == Some(&b'-'));
        match self.bytes.get(self.at) {
            Some(b'0') => self.at += 1,
            _ => self.digits()?,
        }
        if self.bytes.get(self.at) == Some(&b'.') {
            self.at += 1;
            self.digits()?;
        }
        if matches!(self.bytes.get(self.at), Some(b'e' | b'E')) {
            self.at += 1;
            self.at += usize::from(matches!(self.bytes.get(self.at), Some(b'+' | b'-')));
            self.digits()?;
        }
        match self.bytes.get(self.at) {
            None | Some(b',' | b']' | b'}' | b' ' | b'\t' | b'\r' | b'\n') => {}
            Some(_) => return Err(self.fault(FaultKind::Number)),
        }
        Ok(Span {
            start,
            end: self.at,
        })
    }

    fn digits(&mut self) -> Result<(), Fault> {
        let start = self.at;
        while self.bytes.get(self.at).is_some_and(u8::is_ascii_digit) {
            self.at += 1;
        }
        match self.bytes.get(self.at) {
            _ if self.at > start => Ok(()),
            Some(_) => Err(self.fault(FaultKind::Number)),
            None => Err(self.ended()),
        }
    }

    /// `true`, `false` or `null`.
    ///
    /// # Errors
    /// [`Fault`] when none of them stands here.
    pub fn word(&mut self) -> Result<Span, Fault> {
        self.next();
        let start = self.at;
        let rest = &self.bytes[start.min(self.bytes.len())..];
        let letters = rest.iter().take_while(|byte| byte.is_ascii_alphanumeric());
        let length = letters.count();
        let word = &rest[..length];
        if ![&b"true"[..], b"false", b"null"].contains(&word) {
            let begun = |whole: &[u8]| whole.starts_with(word);
            if length == rest.len() && (begun(b"true") || begun(b"false") || begun(b"null")) {
                self.at = self.bytes.len();
                return Err(self.ended());
            }
            return Err(self.wanted("a value"));
        }
        self.at += length;
        Ok(Span {
            start,
            end: self.at,
        })
    }

    /// Passes over the next value, whatever it is, down to `depth` objects and arrays inside each other.
    ///
    /// # Errors
    /// [`Fault`] when it is not JSON, or is nested more deeply.
    pub fn skip(&mut self, depth: usize) -> Result<Span, Fault> {
        self.next();
        let start = self.at;
        // For each object or array that is open, whether it is an object.
        let mut open: Vec<bool> = Vec::new();
        loop {
            let mut entered = false;
            match self.kind()? {
                kind @ (Kind::Object | Kind::Array) => {
                    if open.len() >= depth {
                        return Err(self.fault(FaultKind::Depth));
                    }
                    self.at += 1;
                    open.push(kind == Kind::Object);
                    entered = true;
                }
                Kind::String => {
                    self.string()?;
                }
                Kind::Number => {
                    self.number()?;
                }
                Kind::Boolean | Kind::Null => {
                    self.word()?;
                }
            }
            loop {
                let more = match open.last() {
                    None => {
                        return Ok(Span {
                            start,
                            end: self.at,
                        });
                    }
                    Some(true) => self.member(entered)?.is_some(),
                    Some(false) => self.item(entered)?,
                };
                if more {
                    break;
                }
                open.pop();
                entered = false;
            }
        }
    }

    /// Makes sure that nothing follows but blanks.
    ///
    /// # Errors
    /// [`Fault`] when something does.
    pub fn end(&mut self) -> Result<(), Fault> {
        match self.next() {
            None => Ok(()),
            Some(_) => Err(self.fault(FaultKind::Behind)),
        }
    }

    /// The next byte that is no blank, without taking it.
    #[inline]
    fn next(&mut self) -> Option<u8> {
        loop {
            match self.bytes.get(self.at) {
                Some(b' ' | b'\t' | b'\r' | b'\n') => self.at += 1,
                found => return found.copied(),
            }
        }
    }

    #[inline]
    fn take(&mut self, byte: u8, what: &'static str) -> Result<(), Fault> {
        match self.next() {
            Some(found) if found == byte => {
                self.at += 1;
                Ok(())
            }
            Some(_) => Err(self.wanted(what)),
            None => Err(self.ended()),
        }
    }

    fn wanted(&self, what: &'static str) -> Fault {
        self.fault(FaultKind::Wanted(what))
    }

    fn ended(&self) -> Fault {
        self.fault(FaultKind::End)
    }

    fn fault(&self, kind: FaultKind) -> Fault {
        Fault { at: self.at, kind }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn whole(bytes: &[u8]) -> Result<(), Fault> {
        let mut reader = Reader::new(bytes, 0);
        reader.skip(100)?;
        reader.end()
    }

    fn fault(text: &str) -> (usize, FaultKind) {
        let fault = whole(text.as_bytes()).expect_err(text);
        (fault.at, fault.kind)
    }

    #[test]
    fn what_is_no_json_is_told_where_it_stands() {
        use FaultKind::{Behind, Control, End, Escape, Number, Surrogate, Wanted};
        let comma = Wanted("a comma, or the end of the object");
        assert_eq!(fault(r#"{"a": 1 "b": 2}"#), (8, comma));
        assert_eq!(fault(r#"{"a" 1}"#), (5, Wanted("a colon")));
        assert_eq!(fault(r#"{"a": 1,}"#), (8, Wanted("a name in quotes")));
        assert_eq!(fault("[1,]"), (3, Wanted("a value")));
        assert_eq!(fault(r#"{"a": tru}"#), (6, Wanted("a value")));
        assert_eq!(fault(r#"["a\x"]"#), (3, Escape));
        assert_eq!(fault(r#"["\ud83d"]"#), (2, Surrogate));
        assert_eq!(fault("[\"a\nb\"]"), (3, Control));
        assert_eq!(fault("[01]"), (2, Number));
        assert_eq!(fault("[1.]"), (3, Number));
        assert_eq!(fault("{} {}"), (3, Behind));
        let cut = br#"{"a": [true, null, -1.5e+3, "\u00e9\ud83d\ude00"], "b": {}}"#;
        for end in 0..cut.len() {
            let fault = whole(&cut[..end]).expect_err("it is cut off");
            assert_eq!((fault.at, fault.kind), (end, End), "{end}");
        }
    }

    #[test]
    fn nesting_has_a_limit_and_needs_no_stack() {
        let deep = [vec![b'['; 1_000_000], vec![b']'; 1_000_000]].concat();
        assert_eq!(whole(&deep).expect_err("too deep").kind, FaultKind::Depth);
        assert_eq!(
            Reader::new(&deep, 0).skip(1_000_000).map(Span::len),
            Ok(2_000_000)
        );
    }

    proptest! {
        /// The whole text is read where `serde_json` reads it.
        #[test]
        fn what_is_json_is_what_serde_json_reads(
            text in r#"[\[\]{}:, \n"\\ua1d8cef0.eE+-]{0,24}|(\{"[ab]{0,2}":(-?[0-9.eE]{1,5}|true|nul{1,2}|"(\\u[d8c09ef]{4}|\\[nb"z/]|é){0,3}"|\[[0-9],?\]),?){0,3}\}{0,3}"#,
        ) {
            let theirs = serde_json::from_str::<serde_json::Value>(&text);
            // A number beyond the range of theirs is a number all the same.
            let out_of_range = |error: &serde_json::Error| error.to_string().starts_with("number out of range");
            prop_assume!(!theirs.as_ref().is_err_and(out_of_range));
            prop_assert_eq!(whole(text.as_bytes()).is_ok(), theirs.is_ok(), "{:?}", whole(text.as_bytes()));
        }

        #[test]
        fn strings_say_what_serde_json_reads(said in ".{0,12}") {
            let written = serde_json::to_string(&said).expect("a string can be written");
            let text = Reader::new(written.as_bytes(), 0).string().expect("it was written");
            prop_assert_eq!(text.says(written.as_bytes()), said);
        }

        #[test]
        fn any_bytes_are_read(bytes in proptest::collection::vec(any::<u8>(), 0..64)) {
            let _ = whole(&bytes);
        }
    }
}
