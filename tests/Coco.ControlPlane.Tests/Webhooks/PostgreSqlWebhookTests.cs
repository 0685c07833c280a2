namespace Coco.ControlPlane.Tests.Webhooks;

public sealed class PostgreSqlWebhookTests(PostgreSqlServer server) : WebhookTests(server);
