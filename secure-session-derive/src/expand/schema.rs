//! The constant `SCHEMA`, which holds the attributes.

use proc_macro2::TokenStream;
use quote::{ToTokens, quote};
use syn::ext::IdentExt as _;

use super::{Names, json::json_key};
use crate::model::{
    CrossOrigin, Domain, Duration, Field, Input, Policy, Refresh, SameSite, Storage,
};

pub(super) fn schema(names: &Names<'_>, input: &Input) -> TokenStream {
    let Names { private, .. } = names;
    let type_name = names.session.unraw().to_string();
    let fields = input.fields.iter().map(|field| {
        let Field {
            name,
            identity,
            keep,
            lenient,
            revoke_by,
            ..
        } = field;
        let skip = field.is_skipped();
        let getter = field.names.getter.unraw().to_string();
        let key = option(
            names,
            match &field.storage {
                Storage::Member { name, .. } => Some(json_key(&name.text)),
                Storage::Rest | Storage::Skip => None,
            },
        );
        quote! {
            #private::Field {
                name: #name,
                getter: #getter,
                key: #key,
                identity: #identity,
                keep: #keep,
                lenient: #lenient,
                revoke_by: #revoke_by,
                skip: #skip,
            }
        }
    });
    let aliases = input.fields.iter().flat_map(|field| match &field.storage {
        Storage::Member { aliases, .. } => aliases.as_slice(),
        Storage::Rest | Storage::Skip => &[],
    });
    let aliases = aliases.map(|alias| &alias.text);
    let forget = &input.forget;
    let version = input.migration.as_ref().map_or(0, |given| given.version);
    let revocable = input.revocable;
    let policy = policy(names, &input.policy);
    quote! {
        const SCHEMA: #private::Schema = #private::Schema {
            type_name: #type_name,
            fields: &[#(#fields),*],
            aliases: &[#(#aliases),*],
            forget: &[#(#forget),*],
            version: #version,
            revocable: #revocable,
            policy: #policy,
        };
    }
}

fn policy(names: &Names<'_>, policy: &Policy) -> TokenStream {
    let private = &names.private;
    let Policy {
        secure,
        http_only,
        partitioned,
        persistent,
        purpose,
        ..
    } = policy;
    let cookie = policy.cookie.as_str();
    let path = policy.path.as_str();
    let domain = option(names, policy.domain.as_ref().map(Domain::as_str));
    let same_site = match policy.same_site {
        SameSite::Strict => quote!(Strict),
        SameSite::Lax => quote!(Lax),
        SameSite::None => quote!(None),
    };
    let cross_origin = match policy.cross_origin {
        CrossOrigin::Allow => quote!(Allow),
        CrossOrigin::Refuse => quote!(Refuse),
        CrossOrigin::SameSite => quote!(SameSite),
        CrossOrigin::Strict => quote!(Strict),
    };
    let idle = option(names, policy.idle.as_ref().map(Duration::seconds));
    let absolute = option(names, policy.absolute.as_ref().map(Duration::seconds));
    let refresh = option(
        names,
        policy.refresh.as_ref().map(|refresh| match refresh {
            Refresh::After(after) => {
                let after = after.seconds();
                quote!(#private::RefreshAttribute::After(#after))
            }
            Refresh::Never => quote!(#private::RefreshAttribute::Never),
        }),
    );
    let remember = option(names, policy.remember.as_ref().map(Duration::seconds));
    quote! {
        #private::PolicyAttributes {
            cookie: #cookie,
            path: #path,
            domain: #domain,
            same_site: #private::SameSiteAttribute::#same_site,
            secure: #secure,
            http_only: #http_only,
            partitioned: #partitioned,
            persistent: #persistent,
            idle: #idle,
            absolute: #absolute,
            refresh: #refresh,
            remember: #remember,
            purpose: #purpose,
            cross_origin: #private::CrossOriginAttribute::#cross_origin,
        }
    }
}

fn option(names: &Names<'_>, value: Option<impl ToTokens>) -> TokenStream {
    let core = &names.core;
    if let Some(value) = value {
        quote!(#core::option::Option::Some(#value))
    } else {
        quote!(#core::option::Option::None)
    }
}
