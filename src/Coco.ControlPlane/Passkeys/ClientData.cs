using System.Buffers.Text;
using System.Text.Json;

namespace Coco.ControlPlane.Passkeys;

/// <summary>What the browser says and the authenticator signs the hash of (WebAuthn §5.8.1).</summary>
internal sealed record ClientData(string Type, byte[] Challenge, string Origin, bool IsCrossOrigin)
{
    private static readonly JsonDocumentOptions Options = new() { MaxDepth = 8, AllowDuplicateProperties = false };

    public static bool TryRead(ReadOnlyMemory<byte> json, out ClientData? data)
    {
        data = null;
        try
        {
            using var document = JsonDocument.Parse(json, Options);
            var root = document.RootElement;
            if (root.ValueKind is not JsonValueKind.Object || Text(root, "type") is not { } type || Text(root, "origin") is not { } origin) { return false; }
            if (Text(root, "challenge") is not { } challenge || !Base64Url.IsValid(challenge)) { return false; }
            // §5.8.1: true, or an origin above this one, where the page was in a frame of others.
            var isCross = root.TryGetProperty("topOrigin", out _) || (root.TryGetProperty("crossOrigin", out var cross) && cross.ValueKind is not JsonValueKind.False);
            data = new(type, Base64Url.DecodeFromChars(challenge), origin, isCross);
            return true;
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException or FormatException)
        {
            return false; // no JSON, or texts that are no Unicode
        }
    }

    private static string? Text(JsonElement root, string name) => root.TryGetProperty(name, out var value) && value.ValueKind is JsonValueKind.String ? value.GetString() : null;
}
