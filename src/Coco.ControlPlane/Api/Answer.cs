namespace Coco.ControlPlane.Api;

/// <summary>What an operation answers.</summary>
/// <param name="Status">The HTTP status.</param>
/// <param name="Value">The body; null for none.</param>
internal sealed record Answer(int Status, object? Value)
{
    /// <summary>The version of what is shown, for ETag; null where there is none.</summary>
    public long? Version { get; init; }

    /// <summary>Where what was made is, from the root of the API.</summary>
    public string? Location { get; init; }

    /// <summary>Whether it is of something that was there before and was not changed: there is nothing to put on record.</summary>
    public bool IsOfBefore { get; init; }

    public static Answer Ok(object value, long? version = null) => new(200, value) { Version = version };

    public static Answer Created(string location, object value, long? version = null) => new(201, value) { Location = location, Version = version };

    public static Answer NoContent { get; } = new(204, null);
}
