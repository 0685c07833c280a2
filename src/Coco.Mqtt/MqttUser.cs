using System.Security.Cryptography;
using System.Text;

namespace Coco.Mqtt;

/// <summary>Which clients publish and subscribe as a node: those with a user name and password, or with a client identifier.</summary>
public sealed record MqttUser
{
    private readonly byte[]? _password;

    private MqttUser(Node? node, string? name, string? clientId, byte[]? password) => (Node, Name, ClientId, _password) = (node, name, clientId, password);

    /// <summary>The node; null for none, where the edge serves its own clients only.</summary>
    public Node? Node { get; }

    /// <summary>The user name, or null for any.</summary>
    public string? Name { get; }

    /// <summary>The client identifier, or null for any.</summary>
    public string? ClientId { get; }

    /// <summary>Clients that show a name and a password.</summary>
    public static MqttUser WithPassword(Node? node, string name, string password)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        ArgumentException.ThrowIfNullOrEmpty(password);
        return new(node, name, null, SHA256.HashData(Encoding.UTF8.GetBytes(password)));
    }

    /// <summary>A client that calls itself so. Anyone whom the local end lets in can: it tells clients apart and protects nothing.</summary>
    public static MqttUser WithClientId(Node? node, string clientId)
    {
        ArgumentException.ThrowIfNullOrEmpty(clientId);
        return new(node, null, clientId, null);
    }

    /// <summary>All clients that no other entry is for.</summary>
    public static MqttUser Anyone(Node? node) => new(node, null, null, null);

    /// <summary>Says nothing of the password.</summary>
    public override string ToString() => $"{Name ?? ClientId ?? "anyone"} as {Node?.Name ?? "this edge"}";

    internal bool Matches(string? name, string clientId) => Name is not null
        ? string.Equals(Name, name, StringComparison.Ordinal)
        : ClientId is null || string.Equals(ClientId, clientId, StringComparison.Ordinal);

    // Hashed first, so that lengths are equal and the comparison takes the same time.
    internal bool IsPassword(ReadOnlySpan<byte> password) => _password is null || CryptographicOperations.FixedTimeEquals(_password, SHA256.HashData(password));
}
