//! The least and the greatest text of a column, for readers that leave out what cannot hold what they look for.

/// Bytes of a text that are kept: enough to compare by.
const KEPT: usize = 64;

/// The least and the greatest text so far, by their bytes.
#[derive(Debug, Clone, Default)]
pub(super) struct Bounds {
    found: Option<Found>,
}

#[derive(Debug, Clone)]
struct Found {
    least: Vec<u8>,
    most: Vec<u8>,
    /// How they begin: most texts can be told by that.
    least_head: u128,
    most_head: u128,
}

/// A bound as it is written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Bound {
    /// The text, or something beyond it that is shorter.
    pub(super) text: Vec<u8>,
    /// Whether it is the text itself.
    pub(super) exact: bool,
}

impl Bounds {
    /// Takes note of a text.
    #[inline]
    pub(super) fn add(&mut self, text: &[u8]) {
        let head = head(text);
        match &mut self.found {
            Some(found) if found.least_head < head && head < found.most_head => {}
            Some(found) => found.add(text, head),
            None => {
                self.found = Some(Found {
                    least: text.to_vec(),
                    most: text.to_vec(),
                    least_head: head,
                    most_head: head,
                });
            }
        }
    }

    /// What stands before all texts and what stands behind them, not longer than readers want it.
    pub(super) fn written(self) -> Option<(Bound, Bound)> {
        let found = self.found?;
        Some((before(found.least), behind(found.most)))
    }
}

impl Found {
    fn add(&mut self, text: &[u8], head: u128) {
        if text < &*self.least {
            self.least = text.to_vec();
            self.least_head = head;
        }
        if text > &*self.most {
            self.most = text.to_vec();
            self.most_head = head;
        }
    }
}

/// The first sixteen bytes as a number that compares as they do. A text compares with a longer one that goes on in zeros as
/// equal; then the texts themselves decide.
#[inline]
fn head(text: &[u8]) -> u128 {
    if let Some(head) = text.first_chunk() {
        return u128::from_be_bytes(*head);
    }
    let mut head = [0; 16];
    head[..text.len()].copy_from_slice(text);
    u128::from_be_bytes(head)
}

/// The start of a text is not greater than it is.
fn before(text: Vec<u8>) -> Bound {
    match cut(&text) {
        Some(start) => Bound {
            text: start.to_vec(),
            exact: false,
        },
        None => Bound { text, exact: true },
    }
}

/// The start of a text with a greater last character is greater than it is.
fn behind(text: Vec<u8>) -> Bound {
    let greater = cut(&text).and_then(|start| {
        let last = start.iter().rposition(|byte| (b' '..b'~').contains(byte))?;
        let mut greater = start[..=last].to_vec();
        greater[last] += 1;
        Some(greater)
    });
    greater.map_or(Bound { text, exact: true }, |text| Bound {
        text,
        exact: false,
    })
}

/// The start of a text that is too long, up to the end of a character.
fn cut(text: &[u8]) -> Option<&[u8]> {
    let begins = |at: &usize| text.get(*at).is_some_and(|byte| byte & 0xC0 != 0x80);
    let end = (0..=KEPT).rev().find(begins)?;
    (text.len() > KEPT).then(|| &text[..end])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(texts: &[&str]) -> (Bound, Bound) {
        let mut bounds = Bounds::default();
        for text in texts {
            bounds.add(text.as_bytes());
        }
        bounds.written().expect("there are texts")
    }

    #[test]
    fn texts_compare_by_their_bytes() {
        let texts = [
            "a",
            "a\0",
            "ab",
            "",
            "a longer text",
            "a longer text than that",
        ];
        let (least, most) = written(&texts);
        assert_eq!((&*least.text, &*most.text), (&b""[..], &b"ab"[..]));
        let (least, most) = written(&["a\0", "a"]);
        assert_eq!((&*least.text, &*most.text), (&b"a"[..], &b"a\0"[..]));
        assert!(least.exact && most.exact);
        let (least, most) = written(&[
            "the same sixteen b1",
            "the same sixteen b0",
            "the same sixteen b2",
        ]);
        assert_eq!(
            (least.text.last(), most.text.last()),
            (Some(&b'0'), Some(&b'2'))
        );
        assert!(Bounds::default().written().is_none());
    }

    #[test]
    fn long_texts_are_cut_and_still_stand_outside() {
        let long = "a".repeat(63) + "é" + &"b".repeat(100);
        let (least, most) = written(&[&long]);
        assert_eq!(least.text, "a".repeat(63).into_bytes());
        assert_eq!(most.text, ("a".repeat(62) + "b").into_bytes());
        assert!(!least.exact && !most.exact);
        assert!(&*least.text < long.as_bytes() && long.as_bytes() < &*most.text);
        // Nothing in it can be made greater: it stands as it is.
        let foreign = "é".repeat(50);
        let (_, most) = written(&[&foreign]);
        assert_eq!(
            most,
            Bound {
                text: foreign.into_bytes(),
                exact: true
            }
        );
    }
}
