//! Regular expressions of ECMA-262, read as far as they can be translated.

use super::Part;
use super::class::{BLANKS, DIGITS, Item, LINE_ENDS, WORDS, others, written};

/// Groups nested more deeply than this are not translated.
const GREATEST_DEPTH: u32 = 48;

pub(super) struct Reader<'a> {
    characters: &'a [char],
    at: usize,
    depth: u32,
}

impl<'a> Reader<'a> {
    pub(super) fn new(characters: &'a [char]) -> Self {
        Self {
            characters,
            at: 0,
            depth: 0,
        }
    }

    /// The whole of it; `None` when there is something that is not translated.
    pub(super) fn whole(mut self) -> Option<Part> {
        let parsed = self.alternation()?;
        (self.at == self.characters.len()).then_some(parsed)
    }

    fn peek(&self) -> Option<char> {
        self.characters.get(self.at).copied()
    }

    fn next(&mut self) -> Option<char> {
        let next = self.peek();
        self.at += usize::from(next.is_some());
        next
    }

    fn take(&mut self, expected: char) -> bool {
        let found = self.peek() == Some(expected);
        self.at += usize::from(found);
        found
    }

    fn alternation(&mut self) -> Option<Part> {
        self.depth += 1;
        if self.depth > GREATEST_DEPTH {
            return None;
        }
        let mut parts = vec![self.concatenation()?];
        while self.take('|') {
            parts.push(self.concatenation()?);
        }
        self.depth -= 1;
        match parts.len() {
            1 => parts.pop(),
            _ => Some(Part::Alternation(parts)),
        }
    }

    fn concatenation(&mut self) -> Option<Part> {
        let mut parts = Vec::new();
        while let Some(character) = self.peek() {
            let atom = match character {
                '|' | ')' => break,
                '^' => {
                    self.at += 1;
                    parts.push(Part::Start);
                    continue;
                }
                '$' => {
                    self.at += 1;
                    parts.push(Part::End);
                    continue;
                }
                _ => self.atom()?,
            };
            parts.push(match self.quantifier() {
                Some(quantifier) => Part::Repetition(Box::new(atom), quantifier),
                None => atom,
            });
        }
        Some(Part::Concatenation(parts))
    }

    /// A quantifier, when one stands next. A lazy one takes the same texts.
    fn quantifier(&mut self) -> Option<String> {
        let quantifier = match self.peek() {
            Some(sign @ ('*' | '+' | '?')) => {
                self.at += 1;
                sign.to_string()
            }
            Some('{') => {
                let rest = &self.characters[self.at..];
                let end = rest.iter().position(|character| *character == '}')?;
                let text: String = rest[1..end].iter().collect();
                let (least, most) = text.split_once(',').unwrap_or((&text, ""));
                let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
                if least.is_empty() || !digits(least) || !digits(most) {
                    return None;
                }
                self.at += end + 1;
                format!("{{{text}}}")
            }
            _ => return None,
        };
        self.take('?');
        Some(quantifier)
    }

    fn atom(&mut self) -> Option<Part> {
        Some(match self.next()? {
            '(' => {
                if self.take('?') && !self.take(':') {
                    self.group_name()?;
                }
                let inside = self.alternation()?;
                if !self.take(')') {
                    return None;
                }
                match inside {
                    // The brackets of a group hold together what stands in it.
                    Part::Concatenation(_) => Part::Alternation(vec![inside]),
                    other => other,
                }
            }
            '[' => Part::Class(self.class()?),
            '.' => Part::Class(written(true, LINE_ENDS, &[])),
            '\\' => match self.escape(false)? {
                Item::One(character) => Part::Class(written(false, &[(character, character)], &[])),
                Item::Ranges(ranges) => Part::Class(written(false, &ranges, &[])),
                Item::Property(property) => Part::Class(property),
            },
            '*' | '+' | '?' => return None,
            character => Part::Class(written(false, &[(character, character)], &[])),
        })
    }

    /// `(?<name>`; what looks ahead or behind is not translated.
    fn group_name(&mut self) -> Option<()> {
        if !self.take('<') || matches!(self.peek(), Some('=' | '!')) {
            return None;
        }
        while self.next()? != '>' {}
        Some(())
    }

    fn class(&mut self) -> Option<String> {
        let negated = self.take('^');
        let mut ranges = Vec::new();
        let mut properties = Vec::new();
        loop {
            let first = match self.next()? {
                ']' => break,
                '\\' => self.escape(true)?,
                character => Item::One(character),
            };
            let first = match first {
                Item::One(first) => first,
                Item::Ranges(further) => {
                    ranges.extend(further);
                    continue;
                }
                Item::Property(property) => {
                    properties.push(property);
                    continue;
                }
            };
            let is_range = self.peek() == Some('-')
                && !matches!(self.characters.get(self.at + 1), None | Some(']'));
            if !is_range {
                ranges.push((first, first));
                continue;
            }
            self.at += 1;
            let last = match self.next()? {
                '\\' => self.escape(true)?,
                character => Item::One(character),
            };
            match last {
                Item::One(last) if first <= last => ranges.push((first, last)),
                _ => return None,
            }
        }
        if ranges.is_empty() && properties.is_empty() {
            // `[]` takes nothing, and `[^]` everything.
            return negated.then(|| r"[\s\S]".to_owned());
        }
        Some(written(negated, &ranges, &properties))
    }

    /// What stands behind a backslash.
    fn escape(&mut self, in_class: bool) -> Option<Item> {
        let one = Item::One;
        Some(match self.next()? {
            'd' => Item::Ranges(DIGITS.to_vec()),
            'D' => Item::Ranges(others(DIGITS)),
            'w' => Item::Ranges(WORDS.to_vec()),
            'W' => Item::Ranges(others(WORDS)),
            's' => Item::Ranges(BLANKS.to_vec()),
            'S' => Item::Ranges(others(BLANKS)),
            't' => one('\t'),
            'n' => one('\n'),
            'v' => one('\u{b}'),
            'f' => one('\u{c}'),
            'r' => one('\r'),
            'b' if in_class => one('\u{8}'),
            '0' if !self.peek().is_some_and(|next| next.is_ascii_digit()) => one('\0'),
            'x' => one(self.hexadecimal(2)?),
            'u' if self.take('{') => {
                let mut digits = String::new();
                loop {
                    match self.next()? {
                        '}' => break,
                        digit => digits.push(digit),
                    }
                }
                one(char::from_u32(u32::from_str_radix(&digits, 16).ok()?)?)
            }
            'u' => one(self.hexadecimal(4)?),
            sign @ ('p' | 'P') => {
                if !self.take('{') {
                    return None;
                }
                let mut name = String::new();
                loop {
                    match self.next()? {
                        '}' => break,
                        character => name.push(character),
                    }
                }
                // General categories have the same short names; what XML Schema does not know is refused when the whole is read.
                let short = name.len() <= 2 && name.bytes().all(|byte| byte.is_ascii_alphabetic());
                if !short {
                    return None;
                }
                Item::Property(format!(r"\{sign}{{{name}}}"))
            }
            // Back-references, word boundaries, control characters and what no version of the language has.
            character if character.is_ascii_alphanumeric() => return None,
            character => one(character),
        })
    }

    fn hexadecimal(&mut self, digits: usize) -> Option<char> {
        let text: String = self
            .characters
            .get(self.at..self.at + digits)?
            .iter()
            .collect();
        self.at += digits;
        if !text.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return None;
        }
        char::from_u32(u32::from_str_radix(&text, 16).ok()?)
    }
}
