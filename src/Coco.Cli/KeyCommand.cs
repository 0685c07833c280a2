using Coco.Crypto;
using Coco.Crypto.KeyFiles;

namespace Coco.Cli;

/// <summary><c>coco key</c>: makes and shows key files (src/Coco.Crypto/DESIGN.md, "Key files").</summary>
internal static class KeyCommand
{
    public static ExitCode Run(string[] arguments, TextWriter output, TextWriter error, Func<string, string?> askPassphrase)
    {
        var isJson = arguments.Contains("--json");
        arguments = [.. arguments.Where(static argument => argument is not "--json")];
        try
        {
            return arguments switch
            {
                ["new", "--unattended", var file] when IsPath(file) => MakeUnattended(file, output, isJson),
                ["new", var file, "--unattended"] when IsPath(file) => MakeUnattended(file, output, isJson),
                ["new", var file] when IsPath(file) => MakeProtected(file, output, error, askPassphrase, isJson),
                ["show", var file] when IsPath(file) => Show(file, output, isJson),
                _ => CommandLine.NotUnderstood(string.Join(' ', ["key", .. arguments]), error),
            };
        }
        catch (KeyFileException e)
        {
            error.WriteLine($"coco: {e.Message}");
            return ExitCode.Failed;
        }
    }

    // A mistyped option must not become the name of a file; a file that has such a name is reached by "./--name".
    private static bool IsPath(string argument) => argument.Length > 0 && argument[0] != '-';

    private static ExitCode MakeUnattended(string file, TextWriter output, bool isJson)
    {
        using var key = IdentityKey.Generate();
        KeyFile.WriteUnattended(file, key);
        if (isJson) { PlainJson.Write(output, json => json.WriteString("id", key.Id.ToString())); }
        else { output.WriteLine(key.Id); }
        return ExitCode.Ok;
    }

    private static ExitCode MakeProtected(string file, TextWriter output, TextWriter error, Func<string, string?> askPassphrase, bool isJson)
    {
        var passphrase = askPassphrase("Passphrase: ");
        if (string.IsNullOrEmpty(passphrase))
        {
            error.WriteLine(
                "coco: no key was made without a passphrase. `--unattended` makes one that only permissions protect.");
            return ExitCode.Failed;
        }
        if (passphrase.Length > KeyFile.MaxPassphraseLength)
        {
            error.WriteLine($"coco: no key was made: a passphrase has at most {KeyFile.MaxPassphraseLength} characters.");
            return ExitCode.Failed;
        }
        // Typed once and wrong, the key would be lost; what comes through a pipe was not typed.
        if (!Console.IsInputRedirected && askPassphrase("The same again: ") != passphrase)
        {
            error.WriteLine("coco: no key was made: the two passphrases differ.");
            return ExitCode.Failed;
        }
        using var key = IdentityKey.Generate();
        KeyFile.WriteProtected(file, key, passphrase);
        if (isJson) { PlainJson.Write(output, json => json.WriteString("id", key.Id.ToString())); }
        else { output.WriteLine(key.Id); }
        return ExitCode.Ok;
    }

    private static ExitCode Show(string file, TextWriter output, bool isJson)
    {
        var info = KeyFile.Inspect(file);
        if (isJson)
        {
            PlainJson.Write(output, json =>
            {
                json.WriteString("id", info.Id.ToString());
                json.WriteString("protection", info.Kind is KeyFileKind.Passphrase ? "passphrase" : "permissions");
            });
            return ExitCode.Ok;
        }
        output.WriteLine(info.Id);
        output.WriteLine(info.Kind is KeyFileKind.Passphrase
            ? "protected by a passphrase"
            : "unattended: protected by the file's permissions");
        return ExitCode.Ok;
    }
}
