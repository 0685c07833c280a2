namespace Coco.ControlPlane.Tests.OAuth;

public sealed class SqliteNullCharacterTests() : NullCharacterTests(null);
