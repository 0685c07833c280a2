namespace Coco.ControlPlane.Tests.Mails;

public sealed class SqliteMailTests() : MailTests(null);
