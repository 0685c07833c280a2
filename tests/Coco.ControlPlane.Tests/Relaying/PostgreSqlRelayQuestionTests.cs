namespace Coco.ControlPlane.Tests.Relaying;

public sealed class PostgreSqlRelayQuestionTests(PostgreSqlServer server) : RelayQuestionTests(server);
