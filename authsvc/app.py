"""The WSGI application: HTTP over the connected services."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import replace

from flask import Flask, Request, request
from werkzeug.middleware.proxy_fix import ProxyFix

from authsvc.accounts import routes as account_routes
from authsvc.accounts import session_routes as account_session_routes
from authsvc.acting import routes as acting_routes
from authsvc.admin.acting_pages import add_acting_pages
from authsvc.admin.apply_now import add_apply_now
from authsvc.admin.audit_pages import add_audit_pages
from authsvc.admin.customer_action_pages import add_customer_action_pages
from authsvc.admin.customer_detail_move_pages import add_customer_detail_move_pages
from authsvc.admin.customer_detail_pages import CustomerDetailPages, add_customer_detail_pages
from authsvc.admin.customer_move_pages import add_customer_move_pages
from authsvc.admin.customer_pages import add_customer_pages
from authsvc.admin.customer_set_deletion_pages import add_deletion_pages
from authsvc.admin.customer_set_pages import add_customer_set_pages
from authsvc.admin.email_confirmation_pages import add_email_confirmation_pages
from authsvc.admin.new_customer_pages import add_new_customer_pages
from authsvc.admin.offline_order_pages import add_offline_order_pages
from authsvc.admin.pages import AdminPages
from authsvc.admin.passkey_policy_pages import add_passkey_policy_pages
from authsvc.admin.password_policy_pages import add_password_policy_pages
from authsvc.admin.plan_pages import add_plan_pages
from authsvc.admin.plan_rollback_pages import add_rollback_pages
from authsvc.admin.routes import install_admin_pages
from authsvc.admin.second_factor_policy_pages import add_second_factor_policy_pages
from authsvc.admin.site_pages import add_site_pages
from authsvc.admin.tenant_of_host import HostTenants
from authsvc.admin.why_pages import add_why_pages
from authsvc.applications import routes as application_routes
from authsvc.applications.rules import BadApplicationCredentials, UnknownRefreshToken
from authsvc.attributes import definition_routes
from authsvc.attributes import routes as attribute_routes
from authsvc.callers import SIGNED_IN, Caller, Requires
from authsvc.cards import routes as card_routes
from authsvc.contacts import routes as contact_routes
from authsvc.credentials import policy_routes
from authsvc.credentials import routes as credential_routes
from authsvc.customer_search import routes as customer_search_routes
from authsvc.customer_sets import propagation_routes
from authsvc.customer_sets import routes as customer_set_routes
from authsvc.description import description
from authsvc.devices import routes as device_routes
from authsvc.errors import AuthsvcError
from authsvc.explanations import routes as explanation_routes
from authsvc.guessing.rules import Door
from authsvc.login import code_routes
from authsvc.login import routes as login_routes
from authsvc.metrics.install import install_metrics
from authsvc.my_account import routes as my_account_routes
from authsvc.my_account.front import MyAccountFront
from authsvc.notes import routes as note_routes
from authsvc.offline_orders import routes as offline_order_routes
from authsvc.orders import routes as order_routes
from authsvc.passkeys import routes as passkey_routes
from authsvc.privacy import routes as privacy_routes
from authsvc.recovery import routes as recovery_routes
from authsvc.regrouping import customer_routes, history_routes, set_routes, site_routes
from authsvc.regrouping import routes as plan_routes
from authsvc.regrouping.one_customer import OneCustomer
from authsvc.remembered_callers import RememberedCallers
from authsvc.second_factor import routes as second_factor_routes
from authsvc.segments import routes as segment_routes
from authsvc.services import Services
from authsvc.sessions import introspection_routes, invalidation_routes, many_routes
from authsvc.sessions import routes as session_routes
from authsvc.sessions.check_front import REFUSAL_KEY, CheckFront
from authsvc.sessions.many_answer import Questions
from authsvc.sessions.many_checks import ManyChecks
from authsvc.sessions.many_front import ManyFront
from authsvc.sessions.rules import CheckedSession
from authsvc.shown_requests import asked, device_of, limited_ticket, shown
from authsvc.site_bounds import SiteBounds
from authsvc.storefront.my_account_sections import add_my_account_sections
from authsvc.storefront.routes import install_storefront_pages
from authsvc.web import health
from authsvc.web.access_log import note_tenant
from authsvc.web.api_docs import api_docs
from authsvc.web.correlation import correlation_id
from authsvc.web.flask_app import new_flask_app
from authsvc.web.operations import Routes
from authsvc.web.slow_bodies import SlowBodies


def create_app(services: Services) -> Flask:
    """Make the WSGI application that answers over `services`."""
    app = new_flask_app(application_names={"/api/platform": "Platform"})
    callers = RememberedCallers(services.identification)
    bounds = SiteBounds(services.directory, services.accounts)
    app.wsgi_app = MyAccountFront(  # type: ignore[method-assign]  # Flask's documented place for WSGI layers
        app.wsgi_app,
        lambda environ: callers.caller(SIGNED_IN, environ, lambda: shown(Request(environ))),
        services.my_account,
    )
    app.wsgi_app = check_front = CheckFront(  # type: ignore[method-assign]  # Flask's documented place for WSGI layers
        app.wsgi_app,
        lambda environ: services.identification.session(asked(environ)),
        services.sessions.records,
        services.directory,
        services.sessions.uses,
        services.clock,
    )
    many_checks = ManyChecks(services.sessions, services.identification.shown_token)

    def answers(questions: Questions, request: Request) -> bytes:
        place = services.identification.named_place(shown(request))
        return many_checks.answers(questions, *place)

    app.wsgi_app = ManyFront(  # type: ignore[method-assign]  # Flask's documented place for WSGI layers
        app.wsgi_app, lambda questions, environ: answers(questions, Request(environ))
    )
    install_metrics(app, check_front, many_checks, services.settings.metrics_token)
    app.wsgi_app = SlowBodies(  # type: ignore[method-assign]  # Flask's documented place for WSGI layers
        app.wsgi_app, services.settings.threads
    )
    if hops := services.settings.trusted_proxies:
        app.wsgi_app = ProxyFix(  # type: ignore[method-assign]  # Flask's documented place for WSGI layers
            app.wsgi_app, x_for=hops, x_proto=hops, x_host=hops
        )

    def caller(requires: Requires) -> Caller:
        known = replace(
            callers.caller(requires, request.environ, lambda: shown(request)),
            remote_address=request.remote_addr,
            correlation_id=correlation_id(request.environ),
            device=device_of(request.environ),
            limited_ticket=limited_ticket(request),
        )
        note_tenant(known.tenant_id)
        if known.bound_to is not None and request.url_rule is not None:
            bounds.refuse_beyond(
                known, request.url_rule.rule, request.endpoint or "", request.view_args or {}
            )
        services.sessions.freshness.ensure(known, requires.fresh_sign_in)
        return known

    def session_of_request() -> CheckedSession:
        refusal: AuthsvcError | None = request.environ.get(REFUSAL_KEY)
        if refusal is not None:
            raise refusal
        return services.identification.session(shown(request))

    def introspected(token: str, site_id: int | None) -> CheckedSession:
        by_secret = request.authorization is not None and request.authorization.type == "basic"
        with _trying(services) if by_secret else nullcontext():
            return services.identification.introspected(shown(request), token, site_id)

    parts = [
        *_parts(services, session_of_request),
        many_routes.routes(lambda questions: answers(questions, request)),
        invalidation_routes.routes(services.invalidation.barred),
        introspection_routes.routes(introspected),
    ]
    for part in parts:
        app.register_blueprint(part.blueprint(caller))
    app.register_blueprint(api_docs(description(parts)))
    admin_pages = install_admin_pages(
        app, services.staff, HostTenants(services.customer_sets, services.directory)
    )
    add_site_pages(admin_pages, services.sites, services.propagation)
    add_customer_set_pages(
        admin_pages, services.regrouping, services.customer_sets, services.propagation
    )
    passwords = services.login.passwords
    add_second_factor_policy_pages(admin_pages, services.sign_in.second_factors.policies)
    add_passkey_policy_pages(admin_pages, services.passkeys.policies)
    add_email_confirmation_pages(admin_pages, services.recovery.verification)
    add_password_policy_pages(admin_pages, services.credentials.policies, passwords.verifiers)
    add_deletion_pages(admin_pages, services.undertaking)
    add_plan_pages(admin_pages, services.undertaking, services.sites.store, services.propagation)
    add_rollback_pages(admin_pages, services.undertaking, services.sites.store)
    add_apply_now(admin_pages, services.propagation)
    add_audit_pages(admin_pages, services.audit.search, services.sites.store)
    customer_pages = add_customer_pages(
        admin_pages,
        services.customer_search,
        services.customer_sets,
        services.segments,
        services.regrouping,
    )
    add_customer_move_pages(admin_pages, customer_pages)
    _add_customer_details(admin_pages, services)
    app.register_blueprint(admin_pages.blueprint)
    my_account_pages = install_storefront_pages(
        app,
        services.storefront,
        services.sessions,
        services.accounts,
        services.account_devices,
        services.recovery,
        services.passkeys,
        services.sign_in,
    )
    add_my_account_sections(my_account_pages, services.my_account.service, services.account_data)
    app.register_blueprint(my_account_pages.pages.blueprint)
    return app


def _add_customer_details(pages: AdminPages, services: Services) -> None:
    one = CustomerDetailPages(
        pages,
        services.accounts,
        services.account_sessions,
        services.credentials,
        services.customer_sets,
        services.regrouping,
        services.customer_history,
        services.segments,
        services.recovery.invitations,
        services.devices,
        services.passkeys.passkeys,
        services.sign_in.second_factors.apps,
    )
    add_customer_detail_pages(one)
    add_customer_action_pages(one)
    add_acting_pages(one, services.acting, services.sites, services.staff.sign_in)
    add_customer_detail_move_pages(one)
    add_why_pages(pages, services.explanations, services.accounts, services.sites)
    add_new_customer_pages(pages, services.recovery.invitations)
    add_offline_order_pages(pages, services.offline_orders, services.sites)


def _trying(services: Services) -> AbstractContextManager[None]:
    """Let the request's address try so many secrets and tokens of applications, and no more."""
    return services.attempts.judged(
        Caller(0, remote_address=request.remote_addr),
        Door.APPLICATION,
        BadApplicationCredentials,
        UnknownRefreshToken,
    )


def _parts(services: Services, session_of_request: Callable[[], CheckedSession]) -> list[Routes]:
    pings: dict[str, Callable[[], object]] = {
        "postgresql": services.database.ping,
        "valkey": services.valkey.look,
    }
    return [
        application_routes.routes(
            services.applications,
            lambda: _trying(services),
        ),
        *customer_set_routes.routes(services.customer_sets),
        propagation_routes.routes(services.propagation),
        set_routes.routes(services.regrouping, services.customer_sets),
        site_routes.routes(services.sites),
        plan_routes.routes(services.regrouping),
        *order_routes.routes(services.orders),
        offline_order_routes.routes(services.offline_orders),
        *login_routes.routes(services.login, services.on_behalf),
        code_routes.routes(services.sign_in),
        *second_factor_routes.routes(services.sign_in.second_factors),
        account_routes.routes(services.account_data.whole_accounts, services.account_list),
        customer_routes.routes(
            OneCustomer(services.account_data.whole_accounts, services.regrouping)
        ),
        customer_search_routes.routes(
            services.customer_search, services.account_data.whole_accounts
        ),
        *segment_routes.routes(services.segments),
        contact_routes.routes(services.contacts),
        card_routes.routes(services.account_data.cards),
        note_routes.routes(services.account_data.notes),
        my_account_routes.routes(services.my_account),
        privacy_routes.routes(services.privacy),
        acting_routes.routes(services.acting),
        attribute_routes.routes(services.account_data.attributes),
        definition_routes.routes(services.account_data.attributes),
        account_session_routes.routes(services.account_sessions),
        device_routes.routes(services.account_devices),
        history_routes.routes(services.accounts, services.customer_history),
        credential_routes.routes(services.credentials),
        policy_routes.routes(services.credentials.policies),
        *recovery_routes.routes(services.recovery),
        *passkey_routes.routes(services.passkeys),
        explanation_routes.routes(services.explanations),
        session_routes.routes(services.sessions, services.signing_keys, session_of_request),
        health.health_routes(pings),
    ]
