using System.Diagnostics.CodeAnalysis;

namespace Coco.Cluster;

/// <summary>An app, such as "org.example.chat". Each node is of one app, or a device, which has none.</summary>
public readonly record struct AppId
{
    private readonly string? _name;

    /// <summary>Names an app.</summary>
    /// <param name="name">1 to 64 characters from a-z, 0-9, '.', '-' and '_', the first a letter or a digit.</param>
    /// <exception cref="ArgumentException">The name has other characters, or is too long.</exception>
    public AppId(string name) => _name = Labels.Require(name, "an app");

    /// <summary>The name; empty for the default value, which names none.</summary>
    public string Name => _name ?? "";

    /// <summary>Whether this is the default value, which names none.</summary>
    public bool IsDefault => _name is null;

    /// <summary>Reads a name that people or programs wrote; false for one that the constructor would not take.</summary>
    public static bool TryParse([NotNullWhen(true)] string? text, out AppId id)
    {
        var isValid = text is not null && Labels.IsValid(text);
        id = isValid ? new(text!) : default;
        return isValid;
    }

    /// <inheritdoc/>
    public override string ToString() => Name;
}
