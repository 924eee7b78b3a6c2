//! Runs and packed groups of eight, as Parquet writes small numbers (its documentation calls the encoding `RLE`).

/// Equal values that are worth a run.
const LONG: usize = 16;
/// Bytes of equal flags that are worth a run.
const LONG_BYTES: usize = 4;

/// How many bits the numbers below a count take.
pub(super) fn width(count: usize) -> u8 {
    let highest = count.saturating_sub(1);
    (usize::BITS - highest.leading_zeros()) as u8
}

/// Appends numbers of `width` bits, 32 at most.
pub(super) fn numbers(numbers: &[u32], width: u8, out: &mut Vec<u8>) {
    // Where the values begin that stand in no run, and up to where they have been looked at: whole groups of eight.
    let (mut packed, mut at) = (0, 0);
    while let Some(group) = numbers.get(at..at + 8) {
        let first = group[0];
        if group.iter().all(|number| *number == first) {
            let behind = numbers[at + 8..].iter();
            let run = 8 + behind.take_while(|number| **number == first).count();
            if run >= LONG {
                pack(&numbers[packed..at], width, out);
                begin_run(run, out);
                out.extend_from_slice(&first.to_le_bytes()[..usize::from(width.div_ceil(8))]);
                at += run;
                packed = at;
                continue;
            }
        }
        at += 8;
    }
    pack(&numbers[packed..], width, out);
}

/// Appends `count` flags, which stand in bits from the lowest of each byte on.
pub(super) fn flags(bits: &[u8], count: usize, out: &mut Vec<u8>) {
    let (mut packed, mut at) = (0, 0);
    let whole = count / 8;
    let groups = |from: usize, to: usize, out: &mut Vec<u8>| {
        if from < to {
            begin_packed(to - from, out);
            out.extend_from_slice(&bits[from..to]);
        }
    };
    while at < whole {
        let byte = bits[at];
        if byte != 0 && byte != 0xFF {
            at += 1;
            continue;
        }
        let run = bits[at..whole].iter();
        let run = run.take_while(|other| **other == byte).count();
        if run >= LONG_BYTES {
            groups(packed, at, out);
            begin_run(run * 8, out);
            out.push(byte & 1);
            packed = at + run;
        }
        at += run;
    }
    groups(packed, count.div_ceil(8), out);
}

fn begin_run(values: usize, out: &mut Vec<u8>) {
    variable((values as u64) << 1, out);
}

fn begin_packed(groups: usize, out: &mut Vec<u8>) {
    variable((groups as u64) << 1 | 1, out);
}

/// Groups of eight numbers, the last one filled up with zeros.
fn pack(numbers: &[u32], width: u8, out: &mut Vec<u8>) {
    if numbers.is_empty() {
        return;
    }
    begin_packed(numbers.len().div_ceil(8), out);
    let bytes = usize::from(width);
    let width = u32::from(width);
    for group in numbers.chunks(8) {
        if width <= 16 {
            let mut bits = 0_u128;
            for (number, place) in group.iter().zip(0..) {
                bits |= u128::from(*number) << (place * width);
            }
            out.extend_from_slice(&bits.to_le_bytes()[..bytes]);
        } else {
            let (mut bits, mut filled) = (0_u64, 0);
            let all = group.iter().chain(std::iter::repeat(&0)).take(8);
            for number in all {
                bits |= u64::from(*number) << filled;
                filled += width;
                while filled >= 8 {
                    out.push(bits as u8);
                    bits >>= 8;
                    filled -= 8;
                }
            }
        }
    }
}

/// A number in bytes of seven bits, the lowest first.
fn variable(mut number: u64, out: &mut Vec<u8>) {
    while number >= 0x80 {
        out.push(number as u8 | 0x80);
        number >>= 7;
    }
    out.push(number as u8);
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Reads what was written, as the documentation of the format says.
    fn read(mut bytes: &[u8], width: u8, count: usize) -> Vec<u32> {
        let mut found = Vec::new();
        while found.len() < count {
            let (mut head, mut shift) = (0_u64, 0);
            loop {
                let byte = bytes[0];
                bytes = &bytes[1..];
                head |= u64::from(byte & 0x7F) << shift;
                shift += 7;
                if byte < 0x80 {
                    break;
                }
            }
            if head & 1 == 0 {
                let mut value = [0; 4];
                let length = usize::from(width.div_ceil(8));
                value[..length].copy_from_slice(&bytes[..length]);
                bytes = &bytes[length..];
                let value = u32::from_le_bytes(value);
                found.extend(std::iter::repeat_n(value, (head >> 1) as usize));
            } else {
                let bits = (head >> 1) as usize * 8;
                for number in 0..bits {
                    let mut value = 0;
                    for bit in 0..usize::from(width) {
                        let place = number * usize::from(width) + bit;
                        value |= u32::from(bytes[place / 8] >> (place % 8) & 1) << bit;
                    }
                    found.push(value);
                }
                bytes = &bytes[bits * usize::from(width) / 8..];
            }
        }
        assert!(bytes.is_empty(), "{} bytes too many", bytes.len());
        found.truncate(count);
        found
    }

    /// Numbers in which runs of all lengths follow one another and what repeats nothing.
    fn mixed(count: usize, below: u32, seed: u32) -> Vec<u32> {
        let mut state = seed | 1;
        let mut next = move || {
            state ^= state << 13;
            state ^= state >> 17;
            state ^= state << 5;
            state
        };
        let mut numbers = Vec::new();
        while numbers.len() < count {
            let run = if next() % 3 == 0 { next() % 40 } else { 1 };
            numbers.extend(std::iter::repeat_n(next() % below, run as usize));
        }
        numbers.truncate(count);
        numbers
    }

    #[test]
    fn numbers_come_back_whatever_repeats() {
        for (seed, below) in (1..).zip([1, 2, 3, 200, 65_536, 65_537, 1 << 20, u32::MAX]) {
            let width = width(below as usize);
            for count in [0, 1, 7, 8, 9, 100, 5_000] {
                let given = mixed(count, below, seed);
                let mut out = Vec::new();
                numbers(&given, width, &mut out);
                assert_eq!(read(&out, width, count), given, "{below} {count}");
            }
        }
    }

    #[test]
    fn flags_come_back_whatever_repeats() {
        for count in [0, 1, 8, 31, 32, 33, 64, 71, 4_001] {
            for given in [mixed(count, 2, 9), vec![0; count], vec![1; count]] {
                let mut bits = vec![0_u8; count.div_ceil(8)];
                for (place, flag) in given.iter().enumerate() {
                    bits[place / 8] |= (*flag as u8) << (place % 8);
                }
                let mut out = Vec::new();
                flags(&bits, count, &mut out);
                assert_eq!(read(&out, 1, count), given, "{count}");
            }
        }
    }

    #[test]
    fn widths_hold_the_highest_number() {
        let widths = [0, 1, 2, 3, 256, 257].map(width);
        assert_eq!(widths, [0, 0, 1, 2, 8, 9]);
    }
}
