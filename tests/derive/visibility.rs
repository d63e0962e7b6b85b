//! Who may call what.

use secure_session::SecureSession;

use crate::support::{read, stored_after};

mod account {
    use secure_session::SecureSession;

    /// Nothing of it is visible from outside but what its methods and accessors show.
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

        /// Hidden on the handle by the verb of this name.
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
fn accessors_reach_private_fields_with_the_visibility_of_the_struct() {
    let stored = stored_after(&account::Auth::named("Ada"), |auth| {
        assert_eq!(auth.name(), "Ada");
        auth.set_name("Grace");
        auth.set_roles(["admin".to_owned()]);
    });
    assert!(stored.expect("a change is sent").is_admin());
}

#[test]
fn private_accessors_are_for_the_module_of_the_struct() {
    stored_after(&account::Auth::named("Ada"), |auth| {
        assert_eq!(account::secret_of(auth), 7);
    });
}

#[test]
fn methods_of_the_struct_work_on_the_handle() {
    read(&account::Auth::named("Ada"), |auth| {
        assert!(!auth.is_admin());
        assert_eq!(account::Auth::touch(auth), 3);
    });
}

#[test]
fn fields_are_read_through_the_handle_where_they_are_visible() {
    #[derive(SecureSession)]
    struct Prefs {
        theme: Option<String>,
    }

    let prefs = Prefs {
        theme: Some("dark".to_owned()),
    };
    read(&prefs, |prefs| {
        assert_eq!(prefs.theme.as_deref(), Some("dark"));
    });
}
