//! Text of foreign origin, made safe to print: a terminal would obey or hide some of it.

use std::fmt;

/// Shows text with each character escaped that is not printable, as `\u{1b}`.
///
/// Everything that the library prints and that may come from a client, an argument, a file or a
/// configuration goes through this, or through `escape_default` or `Debug`.
pub(crate) struct Escaped<T>(pub(crate) T);

impl<T: AsRef<str>> fmt::Display for Escaped<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.as_ref().chars().try_for_each(|character| {
            if is_printable(character) {
                write!(f, "{character}")
            } else {
                write!(f, "{}", character.escape_unicode())
            }
        })
    }
}

/// Letters, marks and symbols that show; no control characters, no formatting ones that reorder or
/// hide text, and no blanks but the space.
fn is_printable(character: char) -> bool {
    let is_quoting = matches!(character, '\'' | '"' | '\\');
    // The standard library takes these blanks for letters and symbols, as Unicode does.
    let is_blank = matches!(
        character,
        '\u{115f}' | '\u{1160}' | '\u{2800}' | '\u{3164}' | '\u{ffa0}'
    );
    !is_blank && (is_quoting || character.escape_debug().len() == 1)
}

#[cfg(test)]
mod tests {
    use super::Escaped;

    #[test]
    fn only_characters_that_show_are_printed_as_they_are() {
        for text in ["O'Brien \"x\" \\ ~", "Zoë, 李, नम, 🎉"] {
            assert_eq!(Escaped(text).to_string(), text);
        }
        for (text, shown) in [
            ("a\u{1b}]0;x\u{7}", "a\\u{1b}]0;x\\u{7}"),
            ("a\r\nb\t", "a\\u{d}\\u{a}b\\u{9}"),
            ("\u{7f}\u{9b}", "\\u{7f}\\u{9b}"),
            ("\u{202e}\u{2066}\u{200b}", "\\u{202e}\\u{2066}\\u{200b}"),
            ("\u{ad}\u{34f}\u{fe0f}", "\\u{ad}\\u{34f}\\u{fe0f}"),
            ("\u{2028}\u{a0}\u{3164}", "\\u{2028}\\u{a0}\\u{3164}"),
            ("\u{e0041}\u{1d173}", "\\u{e0041}\\u{1d173}"),
        ] {
            assert_eq!(Escaped(text).to_string(), shown);
        }
    }
}
