//! What is gone held against what is new: renames and moves, with how sure they are.

use std::collections::{BTreeMap, BTreeSet};

/// Most pairs that are looked at for one group or table. Where more is gone and new than that, it is another group.
const MOST_PAIRS: usize = 4_096;

/// How sure it is that one thing became another.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Likeness {
    score: i32,
    reasons: Vec<&'static str>,
}

impl Likeness {
    /// Adds to the score when `holds`, and keeps the reason.
    pub(super) fn when(mut self, holds: bool, score: i32, reason: &'static str) -> Self {
        if holds {
            self.score += score;
            if score > 0 {
                self.reasons.push(reason);
            }
        }
        self
    }

    /// Adds what two names have in common: up to 25.
    pub(super) fn names(mut self, old: &str, new: &str) -> Self {
        let alike = alike(old, new);
        self.score += i32::from(alike) / 4;
        if alike >= 50 {
            self.reasons.push("similar name");
        }
        self
    }

    /// In percent; never quite certain.
    pub(super) fn percent(&self) -> u8 {
        self.score.clamp(0, 99).try_into().unwrap_or(0)
    }

    pub(super) fn reasons(&self) -> &[&'static str] {
        &self.reasons
    }
}

/// A match: positions in what is gone and in what is new.
pub(super) struct Match {
    pub(super) old: usize,
    pub(super) new: usize,
    pub(super) likeness: Likeness,
}

/// Pairs off what is alike, the surest first, each thing once. A thing that is as much like one as like another is left alone.
pub(super) fn pair_off(
    old: usize,
    new: usize,
    least: u8,
    like: impl Fn(usize, usize) -> Likeness,
) -> Vec<Match> {
    if old.saturating_mul(new) > MOST_PAIRS {
        return Vec::new();
    }
    let mut candidates: Vec<Match> = (0..old)
        .flat_map(|old| (0..new).map(move |new| (old, new)))
        .map(|(old, new)| Match {
            old,
            new,
            likeness: like(old, new),
        })
        .filter(|candidate| candidate.likeness.percent() >= least)
        .collect();
    candidates.sort_by_key(|found| {
        let score = std::cmp::Reverse(found.likeness.score);
        (score, found.old, found.new)
    });
    let (mut gone, mut come) = (BTreeSet::new(), BTreeSet::new());
    let mut found = Vec::new();
    let mut candidates = candidates.into_iter().peekable();
    while let Some(first) = candidates.next() {
        let score = first.likeness.score;
        let mut level = vec![first];
        while let Some(next) = candidates.next_if(|next| next.likeness.score == score) {
            level.push(next);
        }
        level.retain(|pair| !gone.contains(&pair.old) && !come.contains(&pair.new));
        let mut shared: (BTreeMap<usize, usize>, BTreeMap<usize, usize>) = Default::default();
        for pair in &level {
            *shared.0.entry(pair.old).or_default() += 1;
            *shared.1.entry(pair.new).or_default() += 1;
        }
        for pair in level {
            // What is as much like one as like another is neither.
            gone.insert(pair.old);
            come.insert(pair.new);
            if shared.0[&pair.old] == 1 && shared.1[&pair.new] == 1 {
                found.push(pair);
            }
        }
    }
    found
}

/// How much two names have in common, in percent: words that they share, or letters.
pub(super) fn alike(old: &str, new: &str) -> u8 {
    let (mine, theirs) = (words(old), words(new));
    let shared = mine.intersection(&theirs).count() * 200;
    let by_words = shared / (mine.len() + theirs.len()).max(1);
    let (old, new) = (old.to_lowercase(), new.to_lowercase());
    let length = old.chars().count().max(new.chars().count()).max(1);
    let by_letters = if length > 256 {
        0
    } else {
        100 - strsim::levenshtein(&old, &new).min(length) * 100 / length
    };
    by_words.max(by_letters).min(100).try_into().unwrap_or(100)
}

/// The words of a name, in small letters: `CDSSenderIdentity`, `CDS_SENDER_IDENTITY` and `CDS sender identity` have the same.
fn words(name: &str) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    let mut word = String::new();
    let mut before_small = false;
    for character in name.chars() {
        let small = character.is_lowercase() || character.is_ascii_digit();
        let begins = character.is_uppercase() && before_small;
        if !character.is_alphanumeric() || begins {
            found.extend(Some(std::mem::take(&mut word)).filter(|word| !word.is_empty()));
        }
        if character.is_alphanumeric() {
            word.extend(character.to_lowercase());
        }
        before_small = small;
    }
    found.extend(Some(word).filter(|word| !word.is_empty()));
    found
}

/// Which of these numbers stand in the longest ascending run, left and right order being what they are: the others moved.
pub(super) fn in_order(numbers: &[usize]) -> Vec<bool> {
    // Patience sorting, with a link back from each number to the one before it.
    let mut ends: Vec<usize> = Vec::new();
    let mut before: Vec<Option<usize>> = vec![None; numbers.len()];
    for (index, number) in numbers.iter().enumerate() {
        let place = ends.partition_point(|end| numbers[*end] < *number);
        before[index] = place.checked_sub(1).map(|place| ends[place]);
        if place == ends.len() {
            ends.push(index);
        } else {
            ends[place] = index;
        }
    }
    let mut kept = vec![false; numbers.len()];
    let mut next = ends.last().copied();
    while let Some(index) = next {
        kept[index] = true;
        next = before[index];
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_have_words() {
        assert_eq!(alike("SpellNumber", "SPELL_NUMBER"), 100);
        assert!(alike("SpellNumber", "SpellIdentifier") >= 50);
        assert!(alike("Ward", "Colour") < 30);
    }

    #[test]
    fn what_moved_is_not_in_the_longest_run() {
        assert_eq!(in_order(&[0, 3, 1, 2]), [true, false, true, true]);
        assert_eq!(in_order(&[1, 0]), [false, true]);
        assert!(in_order(&[]).is_empty());
    }

    #[test]
    fn the_surest_pair_goes_first() {
        let scores = [[70, 90], [80, 85]];
        let like = |old: usize, new: usize| Likeness::default().when(true, scores[old][new], "");
        let found = pair_off(2, 2, 60, like);
        let pairs: Vec<(usize, usize)> = found.iter().map(|pair| (pair.old, pair.new)).collect();
        assert_eq!(pairs, [(0, 1), (1, 0)]);
    }

    #[test]
    fn what_is_like_two_is_neither() {
        let like = |_, _| Likeness::default().when(true, 80, "");
        assert!(pair_off(1, 2, 60, like).is_empty());
        assert!(pair_off(2, 1, 60, like).is_empty());
        assert_eq!(pair_off(1, 1, 60, like).len(), 1);
    }
}
