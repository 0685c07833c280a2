namespace Coco.ControlPlane.Tests.Relaying;

public sealed class SqliteRelayQuestionTests() : RelayQuestionTests(null);
