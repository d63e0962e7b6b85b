//! Escapes text for HTML.

use std::fmt::{self, Write};

/// Displays text escaped for HTML content and quoted attributes.
///
/// Everything that a visitor typed must be escaped.
pub(crate) struct Escaped<'a>(pub(crate) &'a str);

impl fmt::Display for Escaped<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.chars().try_for_each(|character| match character {
            '&' => f.write_str("&amp;"),
            '<' => f.write_str("&lt;"),
            '>' => f.write_str("&gt;"),
            '"' => f.write_str("&quot;"),
            '\'' => f.write_str("&#39;"),
            other => f.write_char(other),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn markup_characters_are_escaped() {
        assert_eq!(
            Escaped("<script>alert(\"1\" & '2')</script>").to_string(),
            "&lt;script&gt;alert(&quot;1&quot; &amp; &#39;2&#39;)&lt;/script&gt;"
        );
    }

    #[test]
    fn other_text_is_unchanged() {
        assert_eq!(Escaped("Zoë, 茶 & 🍞").to_string(), "Zoë, 茶 &amp; 🍞");
    }
}
