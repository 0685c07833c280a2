namespace Coco.Cli.Api;

/// <summary>MQTT clients that use a node: those with a user name and a password, or with a client identifier.</summary>
internal sealed record MqttUserWish
{
    /// <summary>The user name; null where it is known by its client identifier.</summary>
    public string? Name { get; init; }

    /// <summary>The password's hash, as mosquitto's files have it.</summary>
    public string? PasswordHash { get; init; }

    public string? ClientId { get; init; }

    /// <summary>Whose topics: a network of the same caller's; null for the one the server is opened for.</summary>
    public string? Network { get; init; }
}
