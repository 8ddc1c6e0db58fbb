import path from "node:path";
import ts from "typescript";
import { PROJECT } from "./command";

/** An SDK command that a process's code can come to. */
export interface SdkCall {
  /** Such as `client-s3`, without the scope. */
  readonly package: string;
  /** What is constructed or called: `PutObjectCommand`, `paginateQuery`, `Upload`. */
  readonly name: string;
  /** The class whose code it is, empty outside one. */
  readonly inClass: string;
}

const SDK_PACKAGE = /\/node_modules\/@aws-sdk\/((?:client|lib)-[a-z0-9-]+)\//;
/** Members through which a call can go to another class than the one named in the code. */
type PortMember = ts.MethodSignature | ts.PropertySignature | ts.MethodDeclaration;

/** Parses the entry files and all they import; one program answers for several processes. */
export function makeProgram(entryFiles: readonly string[]): ts.Program {
  const { config } = ts.readConfigFile(path.join(PROJECT, "tsconfig.json"), (file) => ts.sys.readFile(file)) as { config: unknown };
  const { options } = ts.parseJsonConfigFileContent(config, { ...ts.sys, readDirectory: () => [] }, PROJECT);
  return ts.createProgram({
    rootNames: entryFiles.map((file) => path.join(PROJECT, file)),
    options: { ...options, types: ["node"] },
  });
}

/**
 * The SDK commands that an entry file's code can come to, by following references from it: functions and methods that are named,
 * classes that are constructed, and, for a method of an interface, the methods of the constructed classes that implement it.
 *
 * It errs on the side of more: a function that is named counts as called, and every branch as taken.
 */
export function reachedCalls(program: ts.Program, entryFile: string): SdkCall[] {
  const source = program.getSourceFile(path.join(PROJECT, entryFile));
  if (source === undefined) throw new Error(`${entryFile} is not part of the program`);
  const reach = new Reach(program.getTypeChecker());
  reach.enter(source);
  return reach.calls();
}

class Reach {
  private readonly entered = new Set<ts.Node>();
  private readonly waiting: ts.Node[] = [];
  private readonly constructed = new Set<ts.ClassDeclaration>();
  private readonly ports = new Set<PortMember>();
  private readonly found = new Map<string, SdkCall>();

  public constructor(private readonly checker: ts.TypeChecker) {}

  public enter(node: ts.Node): void {
    if (this.entered.has(node) || node.getSourceFile().isDeclarationFile) return;
    this.entered.add(node);
    this.waiting.push(node);
  }

  public calls(): SdkCall[] {
    for (let node = this.waiting.pop(); node !== undefined; node = this.waiting.pop()) {
      ts.forEachChild(node, (child) => {
        this.walk(child);
      });
    }
    return [...this.found.values()];
  }

  private walk(node: ts.Node): void {
    // types call nothing; a class's methods count once somebody names them
    if (ts.isTypeNode(node) || ts.isImportDeclaration(node) || ts.isClassDeclaration(node)) return;
    if (ts.isNewExpression(node)) this.construct(node);
    if (ts.isIdentifier(node) || ts.isPrivateIdentifier(node)) this.refer(node);
    ts.forEachChild(node, (child) => {
      this.walk(child);
    });
  }

  private construct(node: ts.NewExpression): void {
    for (const declaration of this.declarationsOf(node.expression)) {
      this.recordSdk(declaration, node.expression.getText(), node);
      if (!ts.isClassDeclaration(declaration) || declaration.getSourceFile().isDeclarationFile) continue;
      this.constructed.add(declaration);
      for (const member of declaration.members) {
        if (ts.isConstructorDeclaration(member) || ts.isPropertyDeclaration(member)) this.enter(member);
      }
      for (const port of this.ports) this.enterImplementations(port, declaration);
    }
  }

  private refer(node: ts.Node): void {
    for (const declaration of this.declarationsOf(node)) {
      if (ts.isCallExpression(node.parent) && node.parent.expression === node) this.recordSdk(declaration, node.getText(), node);
      if (ts.isFunctionDeclaration(declaration) || ts.isVariableDeclaration(declaration) || isAccessor(declaration))
        this.enter(declaration);
      if (!isPortMember(declaration)) continue;
      this.enter(declaration);
      if (this.ports.has(declaration)) continue;
      this.ports.add(declaration);
      for (const constructed of this.constructed) this.enterImplementations(declaration, constructed);
    }
  }

  /** Methods of `constructed` that a call through the interface's member can come to. */
  private enterImplementations(port: PortMember, constructed: ts.ClassDeclaration): void {
    if (!this.implementedBy(constructed).includes(port.parent)) return;
    for (const member of constructed.members) {
      if (member.name?.getText() === port.name.getText()) this.enter(member);
    }
  }

  /** What a class or an interface names as its kind, and what that names in turn. */
  private implementedBy(declaration: ts.ClassDeclaration | ts.InterfaceDeclaration): ts.Declaration[] {
    const named = (declaration.heritageClauses ?? []).flatMap(({ types }) =>
      types.flatMap(({ expression }) => this.declarationsOf(expression)),
    );
    return named.flatMap((kind) => [kind, ...(ts.isInterfaceDeclaration(kind) ? this.implementedBy(kind) : [])]);
  }

  private recordSdk(declaration: ts.Declaration, name: string, at: ts.Node): void {
    const [, sdkPackage] = SDK_PACKAGE.exec(declaration.getSourceFile().fileName) ?? [];
    if (sdkPackage === undefined || !/Command$|^paginate|^Upload$/.test(name)) return;
    const inClass = ts.findAncestor(at, ts.isClassDeclaration)?.name?.text ?? "";
    this.found.set(`${sdkPackage} ${name} ${inClass}`, { package: sdkPackage, name, inClass });
  }

  private declarationsOf(node: ts.Node): ts.Declaration[] {
    const shorthand = ts.isShorthandPropertyAssignment(node.parent)
      ? this.checker.getShorthandAssignmentValueSymbol(node.parent)
      : undefined;
    const symbol = shorthand ?? this.checker.getSymbolAtLocation(node);
    if (symbol === undefined) return [];
    const target = symbol.flags & ts.SymbolFlags.Alias ? this.checker.getAliasedSymbol(symbol) : symbol;
    return target.declarations ?? [];
  }
}

const isAccessor = (node: ts.Node): boolean => ts.isGetAccessorDeclaration(node) || ts.isSetAccessorDeclaration(node);

const isPortMember = (node: ts.Node): node is PortMember =>
  ts.isMethodSignature(node) || ts.isPropertySignature(node) || ts.isMethodDeclaration(node);
