namespace Coco.ControlPlane.Tests.Webhooks;

public sealed class SqliteWebhookTests() : WebhookTests(null);
