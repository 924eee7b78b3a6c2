//! Two `all` groups: every order is taken, so only what is there counts.

use concord_standards::compile::AllGroup;

use super::letters::Letter;
use super::side::slot_of;

/// A shortest sequence of letters that OLD takes and NEW refuses.
pub(super) fn witness(old: &AllGroup, new: &AllGroup, letters: &[Letter]) -> Option<Vec<usize>> {
    let old_slot = |letter: usize| slot_of(old, &letters[letter].old);
    let new_slot = |letter: usize| slot_of(new, &letters[letter].new);
    let numbers = || 0..letters.len();
    let empty_taken = old.optional || old.required == 0;
    if empty_taken && !(new.optional || new.required == 0) {
        return Some(Vec::new());
    }
    // A sequence with these letters and whatever else OLD asks for, preferably what `avoid` does not speak of.
    let complete = |chosen: &[usize], avoid: Option<u8>| -> Option<Vec<usize>> {
        let mut all = chosen.to_vec();
        for required in (0..64).filter(|slot| old.required >> slot & 1 == 1) {
            if all.iter().any(|&letter| old_slot(letter) == Some(required)) {
                continue;
            }
            let fits = |&letter: &usize| old_slot(letter) == Some(required);
            let avoids = |letter: &usize| avoid.is_none() || new_slot(*letter) != avoid;
            all.push(numbers().filter(fits).find(avoids)?);
        }
        all.sort_unstable();
        Some(all)
    };
    let mut found: Vec<Vec<usize>> = Vec::new();
    for letter in numbers() {
        if new_slot(letter).is_none() {
            found.extend(complete(&[letter], None));
        }
        for other in letter + 1..letters.len() {
            if old_slot(letter) != old_slot(other)
                && new_slot(letter).is_some()
                && new_slot(letter) == new_slot(other)
            {
                found.extend(complete(&[letter, other], None));
            }
        }
    }
    for missing in (0..64).filter(|slot| new.required >> slot & 1 == 1) {
        match complete(&[], Some(missing)) {
            // Nothing at all is taken by both; then something else must stand there.
            Some(nothing) if nothing.is_empty() => {
                let another = numbers().find(|letter| new_slot(*letter) != Some(missing));
                found.extend(another.map(|letter| vec![letter]));
            }
            without => found.extend(without),
        }
    }
    found.into_iter().min_by_key(Vec::len)
}
