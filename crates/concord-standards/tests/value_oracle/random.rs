//! Small changes to lexical forms, from a seed.

/// A generator of numbers (splitmix64), so that a failure can be repeated.
pub(crate) struct Random(pub(crate) u64);

impl Random {
    pub(crate) fn below(&mut self, limit: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((mixed ^ (mixed >> 31)) % limit as u64) as usize
    }

    pub(crate) fn pick<'a>(&mut self, forms: &[&'a str]) -> &'a str {
        forms[self.below(forms.len())]
    }

    /// One of the forms with one to three small changes.
    pub(crate) fn mutant(&mut self, forms: &[&str]) -> String {
        let mut text: Vec<char> = self.pick(forms).chars().collect();
        for _ in 0..=self.below(3) {
            let place = self.below(text.len() + 1);
            match self.below(6) {
                0 if place < text.len() => {
                    text.remove(place);
                }
                1 if place < text.len() => text[place] = self.character(forms),
                2 if place < text.len() => text.insert(place, text[place]),
                3 if place + 1 < text.len() => text.swap(place, place + 1),
                4 => {
                    let other: Vec<char> = self.pick(forms).chars().collect();
                    let from = self.below(other.len() + 1);
                    text.truncate(place);
                    text.extend(&other[from..]);
                }
                _ => text.insert(place, self.character(forms)),
            }
        }
        text.into_iter().take(60).collect()
    }

    /// Mostly a character of the forms.
    fn character(&mut self, forms: &[&str]) -> char {
        const OTHERS: [char; 14] = [
            ' ', '\n', '0', '9', '.', '-', '+', ':', 'Z', 'e', 'é', '٣', '\u{a0}', '\t',
        ];
        let form: Vec<char> = self.pick(forms).chars().collect();
        if form.is_empty() || self.below(4) == 0 {
            OTHERS[self.below(OTHERS.len())]
        } else {
            form[self.below(form.len())]
        }
    }
}

/// Whether the character may stand in an XML document.
pub(crate) fn is_xml(character: char) -> bool {
    matches!(character, '\t' | '\n' | '\r' | ' '..='\u{d7ff}' | '\u{e000}'..='\u{fffd}' | '\u{10000}'..)
}
