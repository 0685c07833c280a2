using System.Diagnostics.CodeAnalysis;

namespace Coco.Cluster;

/// <summary>A part of a network whose members see each other and the core. An app's installs form one by default, named as the app.</summary>
public readonly record struct SubClusterId
{
    private readonly string? _name;

    /// <summary>Names a sub-cluster.</summary>
    /// <param name="name">1 to 64 characters from a-z, 0-9, '.', '-' and '_', the first a letter or a digit.</param>
    /// <exception cref="ArgumentException">The name has other characters, or is too long.</exception>
    public SubClusterId(string name) => _name = Labels.Require(name, "a sub-cluster");

    /// <summary>The part every member sees: devices and gateways by default.</summary>
    public static SubClusterId Core { get; } = new("core");

    /// <summary>Whether this is the core.</summary>
    public bool IsCore => Equals(Core);

    /// <summary>The name; empty for the default value, which names none.</summary>
    public string Name => _name ?? "";

    /// <summary>Whether this is the default value, which names none.</summary>
    public bool IsDefault => _name is null;

    /// <summary>Reads a name that people or programs wrote; false for one that the constructor would not take.</summary>
    public static bool TryParse([NotNullWhen(true)] string? text, out SubClusterId id)
    {
        var isValid = text is not null && Labels.IsValid(text);
        id = isValid ? new(text!) : default;
        return isValid;
    }

    /// <inheritdoc/>
    public override string ToString() => Name;
}
