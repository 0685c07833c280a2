using Coco.Crypto;
using Coco.Crypto.KeyFiles;
using Coco.Storage;

namespace Coco.Cli.Daemon;

/// <summary>The key that opens the stores: an identity in a key file, which a passphrase or, unattended, permissions alone protect.</summary>
internal static class StoreKeys
{
    public const string PassphraseVariable = "COCO_PASSPHRASE";

    /// <summary>Opens the key, or makes one: protected where a passphrase is given or asked for.</summary>
    /// <param name="file">Where it is.</param>
    /// <param name="isProtected">Whether a new key is to be protected though no passphrase stands in the environment.</param>
    /// <param name="shell">What asks, and the environment.</param>
    public static StoreKey OpenOrMake(string file, bool isProtected, Shell shell)
    {
        try
        {
            using var key = File.Exists(file) ? Open(file, shell) : Make(file, isProtected, shell);
            return StoreKey.FromIdentity(key);
        }
        catch (KeyFileException exception)
        {
            throw new CommandException(ExitCode.Failed, exception.Message, exception);
        }
    }

    /// <summary>Opens the key that is there.</summary>
    public static IdentityKey Open(string file, Shell shell)
    {
        if (KeyFile.Inspect(file).Kind is KeyFileKind.Unattended) { return KeyFile.ReadUnattended(file); }
        var passphrase = shell.Variable(PassphraseVariable) ?? shell.AskPassphrase($"Passphrase of {file}: ");
        if (string.IsNullOrEmpty(passphrase))
        {
            throw new CommandException(ExitCode.Failed, $"The key {file} needs its passphrase. Set {PassphraseVariable}, or run this at a terminal.");
        }
        return KeyFile.ReadProtected(file, passphrase);
    }

    private static IdentityKey Make(string file, bool isProtected, Shell shell)
    {
        var passphrase = shell.Variable(PassphraseVariable);
        if (passphrase is null && isProtected) { passphrase = shell.AskNewPassphrase("A new passphrase: "); }
        var key = IdentityKey.Generate();
        try
        {
            if (string.IsNullOrEmpty(passphrase)) { KeyFile.WriteUnattended(file, key); } else { KeyFile.WriteProtected(file, key, passphrase); }
            return key;
        }
        catch
        {
            key.Dispose();
            throw;
        }
    }
}
