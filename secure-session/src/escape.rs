//! Makes untrusted text safe to print: a terminal would interpret or hide some characters.

use std::fmt;

/// Displays text with every unprintable character escaped, as in `\u{1b}`.
///
/// Everything the library prints that may originate from a client, an argument, a file or a
/// configuration goes through this, `escape_default` or `Debug`.
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

/// Returns true for visible letters, marks and symbols and for the space. Control characters,
/// formatting characters that reorder or hide text, and other blanks are not printable.
fn is_printable(character: char) -> bool {
    let is_quoting = matches!(character, '\'' | '"' | '\\');
    // Unicode, and so the standard library, classifies these blanks as letters and symbols.
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
    fn only_visible_characters_are_printed_unescaped() {
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
