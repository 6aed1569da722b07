"""A mail server in a thread, that keeps what it gets."""

import email
import email.policy
import time
from dataclasses import dataclass, field
from email.message import EmailMessage

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult

from tests.servers.process import Server, free_port


@dataclass
class Mailbox(Server):
    """`refuse` set to an SMTP answer ("451 try later") makes the server say that instead of taking the mail."""

    messages: list[EmailMessage] = field(default_factory=list)
    recipients: list[list[str]] = field(default_factory=list)
    logins: list[tuple[str, str]] = field(default_factory=list)
    refuse: str | None = None

    def clear(self) -> None:
        self.messages.clear()
        self.recipients.clear()
        self.logins.clear()
        self.refuse = None

    def wait_for(self, count: int = 1, seconds: float = 10) -> list[EmailMessage]:
        end = time.monotonic() + seconds
        while len(self.messages) < count:
            if time.monotonic() > end:
                raise AssertionError(f"{len(self.messages)} of {count} mails came in {seconds} s")
            time.sleep(0.01)
        return self.messages

    def to(self, address: str) -> list[EmailMessage]:
        return [mail for mail, to in zip(self.messages, self.recipients, strict=True) if address in to]

    async def handle_DATA(self, server, session, envelope) -> str:  # aiosmtpd's name
        if self.refuse:
            return self.refuse
        self.recipients.append(list(envelope.rcpt_tos))
        self.messages.append(email.message_from_bytes(envelope.content, policy=email.policy.default))
        return "250 kept"

    def _sign_in(self, server, session, envelope, mechanism, data) -> AuthResult:
        self.logins.append((data.login.decode(), data.password.decode()))
        return AuthResult(success=True, auth_data=data)


def start_smtp() -> Mailbox:
    port = free_port()
    mailbox = Mailbox(f"smtp://127.0.0.1:{port}")
    controller = Controller(
        mailbox,
        "127.0.0.1",
        port,
        authenticator=mailbox._sign_in,
        auth_require_tls=False,
        enable_SMTPUTF8=True,
    )
    controller.start()
    mailbox._stop = controller.stop
    return mailbox
