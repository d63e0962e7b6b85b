//! The expansion of a small struct, as a file to read and to review.
//!
//! `BLESS=1 cargo test -p actix-secure-session-derive expansion` rewrites it.

use std::{env, fs, path::Path};

use quote::quote;
use syn::DeriveInput;

#[test]
fn expansion_of_a_small_struct_matches_the_file() {
    let item: DeriveInput = syn::parse2(quote! {
        #[session(idle = "30m", absolute = "12h", forget = "uid", version = 1, migrate = Auth::migrate)]
        pub struct Auth {
            /// The signed-in user.
            user_id: Option<u64>,
            #[session(alias = "nick", default = "guest")]
            name: String,
            #[session(keep, lenient, vis = pub(crate))]
            roles: Vec<String>,
            #[session(skip)]
            seen: bool,
        }
    })
    .expect("a struct");
    let expansion = crate::expand::derive(&item);
    let file: syn::File = syn::parse2(expansion).expect("items");
    let printed = prettyplease::unparse(&file);

    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/tests/auth.expanded.rs");
    if env::var_os("BLESS").is_some() {
        fs::write(&path, &printed).expect("the snapshot can be written");
    }
    let on_file = fs::read_to_string(&path).unwrap_or_default();
    assert!(
        printed == on_file,
        "the expansion has changed; read it, then run with BLESS=1\n\n{printed}"
    );
}
