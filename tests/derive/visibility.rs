//! The visibility of accessors.

use crate::support::stored_after;

mod account {
    use secure_session::SecureSession;

    /// Only its methods and accessors are visible from outside.
    #[derive(Default, SecureSession)]
    pub(super) struct Auth {
        name: String,
        #[session(vis = pub(crate))]
        roles: Vec<String>,
        #[session(vis = "")]
        secret: u32,
    }

    impl Auth {
        pub(super) fn named(name: &str) -> Self {
            Self {
                name: name.to_owned(),
                ..Self::default()
            }
        }

        pub(super) fn is_admin(&self) -> bool {
            self.roles.iter().any(|role| role == "admin")
        }

        /// Hidden on the handle by the method of the same name.
        pub(super) fn touch(&self) -> usize {
            self.name.len()
        }
    }

    pub(super) fn secret_of(auth: &secure_session::Session<Auth>) -> u32 {
        auth.set_secret(7);
        auth.secret()
    }
}

#[test]
fn accessors_and_methods_reach_private_fields() {
    let stored = stored_after(&account::Auth::named("Ada"), |auth| {
        assert_eq!(auth.name(), "Ada");
        auth.set_name("Grace");
        auth.set_roles(["admin".to_owned()]);
        assert!(auth.is_admin());
        assert_eq!(account::Auth::touch(auth), 5);
        assert_eq!(account::secret_of(auth), 7);
    });
    assert!(stored.expect("a change is sent").is_admin());
}
