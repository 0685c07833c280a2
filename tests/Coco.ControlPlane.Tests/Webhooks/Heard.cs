namespace Coco.ControlPlane.Tests.Webhooks;

/// <summary>What came to a service.</summary>
/// <param name="Body">The body.</param>
/// <param name="Signature">The header that signs it.</param>
/// <param name="Headers">All headers as text.</param>
/// <param name="Path">Where it came.</param>
internal sealed record Heard(string Body, string Signature, string Headers, string Path);
