namespace Coco.ControlPlane.Tests.OAuth;

public sealed class SqliteConsentTests() : ConsentTests(null);
