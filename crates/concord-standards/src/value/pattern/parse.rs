//! The grammar of appendix F.

use super::blocks;
use super::class::{CATEGORIES, Class, Item, Set};
use super::error::PatternError;

/// Groups or classes nested more deeply than this are refused.
const GREATEST_DEPTH: u32 = 64;
/// The greatest number in a quantifier.
const GREATEST_COUNT: u32 = 100_000;

/// A regular expression.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Node {
    Class(Class),
    Concatenation(Vec<Node>),
    Alternation(Vec<Node>),
    Repetition {
        node: Box<Node>,
        min: u32,
        max: Option<u32>,
    },
}

/// Parses a whole pattern.
pub(super) fn parse(pattern: &str) -> Result<Node, PatternError> {
    let characters: Vec<char> = pattern.chars().collect();
    let mut parser = Parser {
        characters: &characters,
        position: 0,
        depth: 0,
    };
    let node = parser.alternation()?;
    match parser.peek() {
        None => Ok(node),
        Some(character) => Err(parser.unescaped(character)),
    }
}

struct Parser<'a> {
    characters: &'a [char],
    position: usize,
    depth: u32,
}

impl Parser<'_> {
    fn peek(&self) -> Option<char> {
        self.characters.get(self.position).copied()
    }

    fn next(&mut self) -> Result<char, PatternError> {
        let character = self.peek().ok_or(PatternError::UnexpectedEnd)?;
        self.position += 1;
        Ok(character)
    }

    fn take(&mut self, expected: char) -> bool {
        let found = self.peek() == Some(expected);
        if found {
            self.position += 1;
        }
        found
    }

    fn unescaped(&self, character: char) -> PatternError {
        PatternError::Unescaped {
            character,
            position: self.position,
        }
    }

    fn nested<T>(
        &mut self,
        parse: impl FnOnce(&mut Self) -> Result<T, PatternError>,
    ) -> Result<T, PatternError> {
        self.depth += 1;
        if self.depth > GREATEST_DEPTH {
            return Err(PatternError::TooDeep);
        }
        let parsed = parse(self)?;
        self.depth -= 1;
        Ok(parsed)
    }

    fn alternation(&mut self) -> Result<Node, PatternError> {
        let mut branches = vec![self.branch()?];
        while self.take('|') {
            branches.push(self.branch()?);
        }
        Ok(match branches.len() {
            1 => branches.remove(0),
            _ => Node::Alternation(branches),
        })
    }

    fn branch(&mut self) -> Result<Node, PatternError> {
        let mut pieces = Vec::new();
        while let Some(character) = self.peek() {
            if matches!(character, '|' | ')') {
                break;
            }
            let atom = self.atom()?;
            pieces.push(self.quantified(atom)?);
        }
        Ok(Node::Concatenation(pieces))
    }

    fn atom(&mut self) -> Result<Node, PatternError> {
        let position = self.position;
        match self.next()? {
            '(' => {
                let group = self.nested(Self::alternation)?;
                match self.next()? {
                    ')' => Ok(group),
                    _ => Err(PatternError::UnexpectedEnd),
                }
            }
            '[' => self.nested(Self::class).map(Node::Class),
            '.' => Ok(Node::Class(Class::dot())),
            '\\' => self
                .escape()
                .map(|item| Node::Class(Class::of(item.set, item.negated))),
            character @ ('?' | '*' | '+' | '{' | '}' | ']') => Err(PatternError::Unescaped {
                character,
                position,
            }),
            character => Ok(Node::Class(Class::character(character))),
        }
    }

    fn quantified(&mut self, atom: Node) -> Result<Node, PatternError> {
        let position = self.position;
        let (min, max) = match self.peek() {
            Some('?') => (0, Some(1)),
            Some('*') => (0, None),
            Some('+') => (1, None),
            Some('{') => {
                self.position += 1;
                return self.counted(atom, position);
            }
            _ => return Ok(atom),
        };
        self.position += 1;
        Ok(repetition(atom, min, max))
    }

    /// `{n}`, `{n,}` or `{n,m}`, after its brace.
    fn counted(&mut self, atom: Node, position: usize) -> Result<Node, PatternError> {
        let bad = PatternError::BadQuantifier { position };
        let min = self.count().ok_or(bad.clone())?;
        let max = if self.take(',') {
            match self.peek() {
                Some('}') => None,
                _ => Some(self.count().ok_or(bad.clone())?),
            }
        } else {
            Some(min)
        };
        if !self.take('}') || max.is_some_and(|max| max < min) {
            return Err(bad);
        }
        Ok(repetition(atom, min, max))
    }

    fn count(&mut self) -> Option<u32> {
        let mut count: Option<u32> = None;
        while let Some(digit) = self.peek().and_then(|character| character.to_digit(10)) {
            count = Some(count.unwrap_or(0).checked_mul(10)?.checked_add(digit)?);
            self.position += 1;
        }
        count.filter(|&count| count <= GREATEST_COUNT)
    }

    /// What follows a `\`.
    fn escape(&mut self) -> Result<Item, PatternError> {
        let position = self.position;
        let character = self.next()?;
        let single = |character| Item {
            negated: false,
            set: Set::Range(character, character),
        };
        let set = match character.to_ascii_lowercase() {
            's' => Set::Space,
            'i' => Set::NameStart,
            'c' => Set::NameCharacter,
            'd' => Set::Digit,
            'w' => Set::Word,
            'p' => self.property()?,
            _ => {
                return match character {
                    'n' => Ok(single('\n')),
                    'r' => Ok(single('\r')),
                    't' => Ok(single('\t')),
                    '\\' | '|' | '.' | '?' | '*' | '+' | '(' | ')' | '{' | '}' | '-' | '['
                    | ']' | '^' => Ok(single(character)),
                    _ => Err(PatternError::UnknownEscape {
                        character,
                        position,
                    }),
                };
            }
        };
        Ok(Item {
            negated: character.is_ascii_uppercase(),
            set,
        })
    }

    /// `{Lu}` or `{IsBasicLatin}`.
    fn property(&mut self) -> Result<Set, PatternError> {
        if self.next()? != '{' {
            return Err(PatternError::BadClass {
                position: self.position - 1,
            });
        }
        let mut name = String::new();
        loop {
            match self.next()? {
                '}' => break,
                character => name.push(character),
            }
        }
        if let Some(block) = name.strip_prefix("Is") {
            if let Some((first, last)) = blocks::range(block) {
                return Ok(Set::Range(first, last));
            }
        } else if let Some(category) = CATEGORIES.iter().find(|known| **known == name) {
            return Ok(Set::Category(category));
        }
        Err(PatternError::UnknownProperty { name })
    }

    /// A class, after its bracket.
    fn class(&mut self) -> Result<Class, PatternError> {
        let start = self.position;
        let negated = self.take('^');
        let mut class = Class {
            negated,
            items: Vec::new(),
            minus: None,
        };
        loop {
            let position = self.position;
            let bad = PatternError::BadClass { position };
            let first = match self.next()? {
                ']' if class.items.is_empty() => {
                    return Err(PatternError::BadClass { position: start });
                }
                ']' => return Ok(class),
                '-' if self.peek() == Some('[') && !class.items.is_empty() => {
                    self.position += 1;
                    class.minus = Some(Box::new(self.nested(Self::class)?));
                    return if self.next()? == ']' {
                        Ok(class)
                    } else {
                        Err(bad)
                    };
                }
                // Stands for itself only at either end.
                '-' if class.items.is_empty() || self.peek() == Some(']') => {
                    class.items.push(range('-', '-'));
                    continue;
                }
                '-' | '[' => return Err(bad),
                '\\' => {
                    let item = self.escape()?;
                    let Some(character) = single(&item) else {
                        class.items.push(item);
                        continue;
                    };
                    character
                }
                character => character,
            };
            let last = if self.starts_range_end() {
                self.position += 1;
                match self.next()? {
                    '\\' => {
                        let item = self.escape()?;
                        single(&item).ok_or(bad)?
                    }
                    '-' => return Err(bad),
                    character => character,
                }
            } else {
                first
            };
            if last < first {
                return Err(PatternError::BackwardRange { first, last });
            }
            class.items.push(range(first, last));
        }
    }

    /// Whether a `-` and the end of a range follow, rather than the end of the class or a subtraction.
    fn starts_range_end(&self) -> bool {
        self.peek() == Some('-')
            && !matches!(
                self.characters.get(self.position + 1),
                None | Some(']' | '[')
            )
    }
}

fn repetition(atom: Node, min: u32, max: Option<u32>) -> Node {
    Node::Repetition {
        node: Box::new(atom),
        min,
        max,
    }
}

fn range(first: char, last: char) -> Item {
    Item {
        negated: false,
        set: Set::Range(first, last),
    }
}

/// The character of an escape that stands for one character only.
fn single(item: &Item) -> Option<char> {
    match item.set {
        Set::Range(first, last) if first == last && !item.negated => Some(first),
        _ => None,
    }
}
