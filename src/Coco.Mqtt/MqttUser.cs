namespace Coco.Mqtt;

/// <summary>Which clients publish and subscribe as a node: those with a user name and password, or with a client identifier.</summary>
public sealed record MqttUser
{
    private readonly PasswordHash? _password;

    private MqttUser(Node? node, string? name, string? clientId, PasswordHash? password) => (Node, Name, ClientId, _password) = (node, name, clientId, password);

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
        return new(node, name, null, PasswordHash.Quick(password));
    }

    /// <summary>Clients that show a name, and a password of which there is a hash as mosquitto's password files have it: <c>$7$iterations$salt$hash</c>
    /// (PBKDF2, SHA-512; up to 100,000 iterations) or <c>$6$salt$hash</c> (SHA-512). <see cref="Hash"/> makes one.</summary>
    /// <param name="node">The node; null for none.</param>
    /// <param name="name">The user name.</param>
    /// <param name="hash">The hash.</param>
    /// <exception cref="FormatException">It is neither.</exception>
    public static MqttUser WithPasswordHash(Node? node, string name, string hash)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        ArgumentNullException.ThrowIfNull(hash);
        return new(node, name, null, PasswordHash.Parse(hash));
    }

    /// <summary>A hash of a password, with salt, as <see cref="WithPasswordHash"/> takes it, and mosquitto.</summary>
    public static string Hash(string password)
    {
        ArgumentException.ThrowIfNullOrEmpty(password);
        return PasswordHash.Make(password);
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

    internal bool IsPassword(ReadOnlySpan<byte> password) => _password is not { } expected || expected.Matches(password);
}
