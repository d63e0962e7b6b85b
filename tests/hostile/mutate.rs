//! Random input made of kept input.

/// Makes inputs; the same ones for the same seed.
pub(crate) struct Mutator(u64);

/// Longer inputs than this are cut: no header or cookie of interest is.
const MOST_BYTES: usize = 6000;

impl Mutator {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// An input of the corpus after a few changes; `words` are what such inputs are made of.
    pub(crate) fn input(&mut self, corpus: &[Vec<u8>], words: &[&[u8]]) -> Vec<u8> {
        let mut input = self.choice(corpus).clone();
        for _ in 0..=self.below(7) {
            self.change(&mut input, corpus, words);
        }
        input.truncate(MOST_BYTES);
        input
    }

    fn change(&mut self, input: &mut Vec<u8>, corpus: &[Vec<u8>], words: &[&[u8]]) {
        let start = self.below(input.len() + 1);
        let end = start + self.below(input.len() - start + 1).min(40);
        match self.below(8) {
            0 if start < input.len() => {
                let bit = self.below(8);
                input[start] ^= 1 << bit;
            }
            1 if start < input.len() => input[start] = self.byte(),
            2 => input.insert(start, self.byte()),
            3 => drop(input.drain(start..end)),
            4 => {
                let part = input[start..end].to_vec();
                input.splice(start..start, part);
            }
            5 => {
                let other = self.choice(corpus);
                let from = self.below(other.len() + 1);
                let to = from + self.below(other.len() - from + 1);
                input.splice(start..end, other[from..to].iter().copied());
            }
            6 => input.truncate(start),
            _ if !words.is_empty() => {
                let word = *self.choice(words);
                input.splice(start..start, word.iter().copied());
            }
            _ => {}
        }
    }

    fn choice<'a, T>(&mut self, from: &'a [T]) -> &'a T {
        &from[self.below(from.len())]
    }

    fn byte(&mut self) -> u8 {
        self.next().to_le_bytes()[0]
    }

    /// A number below `limit`, and 0 for 0.
    fn below(&mut self, limit: usize) -> usize {
        let limit = u64::try_from(limit.max(1)).unwrap();
        usize::try_from(self.next() % limit).unwrap()
    }

    /// `SplitMix64` (Steele, Lea, Flood: Fast Splittable Pseudorandom Number Generators, 2014).
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut word = self.0;
        word = (word ^ (word >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        word = (word ^ (word >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        word ^ (word >> 31)
    }
}
